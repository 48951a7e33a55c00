"""What there is to hear: the catalogue of songs, and recordings that the catalogue does not know.

What belongs here: the invention of artists and songs, their popularity, and the choice of what a listener plays.
What does not: listeners and their sessions, and the text of files.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator import naming, words
from sparkify_dagster.simulator.chance import cumulative, draw

# Track, song, and artist ids carry five letters: one id for each five letters.
MAX_SONGS = 26**5

_SONGS_AN_ARTIST = 5
_UNKNOWN_SHARE = 0.25
_FAVOURITE_SHARE = 0.35
# Of the plays of a song that has a variant recording, the share that plays the variant.
_VARIANT_SHARE = 0.3
_SHORTEST_SECONDS, _LONGEST_SECONDS = 18.0, 780.0
_DOMINANT_ARTIST_EXPONENT = 0.85
_HIT_EXPONENT = 0.8


@dataclass(frozen=True)
class Song:
    """A song file: one record with the keys of the real data."""

    track_id: str
    song_id: str
    title: str
    artist_id: str
    artist_name: str
    artist_location: str
    artist_latitude: float | None
    artist_longitude: float | None
    duration: float
    year: int


@dataclass(frozen=True)
class Recordings:
    """All that can be played, known to the catalogue or not.

    The first ones are the catalogue's songs in its order, then come variants of some of these (another duration),
    then recordings that the catalogue does not know.

    Attributes:
        artists: the artists' names as events give them.
        titles: the titles as events give them.
        seconds: the lengths in seconds.
    """

    artists: list[str]
    titles: list[str]
    seconds: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Catalogue:
    """The songs, and how popular they and their artists are.

    Songs of an artist stand side by side, the artist's most popular first.

    Attributes:
        songs: the songs.
        recordings: all that can be played.
        first_song: each artist's first song.
        song_count: the number of each artist's songs.
        artist_weights: popularity of the artists.
        song_weights: popularity of the songs.
        variants: each song's variant among the recordings, or the song itself.
        first_unknown: the first recording that the catalogue does not know.
    """

    songs: list[Song]
    recordings: Recordings
    first_song: npt.NDArray[np.int32]
    song_count: npt.NDArray[np.int32]
    artist_weights: npt.NDArray[np.float64]
    song_weights: npt.NDArray[np.float64]
    variants: npt.NDArray[np.int32]
    first_unknown: int

    def choose(
        self, rng: np.random.Generator, favourites: npt.NDArray[np.int32], listeners: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32]:
        """Choose a recording for each play of a month.

        Every month has its own hits: the songs' popularity varies about their lasting one.

        Args:
            rng: source of chance.
            favourites: favourite artists, one row a listener; without columns if there are no songs.
            listeners: the listener of each play.

        Returns:
            A recording for each play.
        """
        plays = listeners.size
        chosen = np.empty(plays, dtype=np.int32)
        kind = rng.random(plays, dtype=np.float32)
        unknown_share = _UNKNOWN_SHARE if self.songs else 1.0
        unknown = np.flatnonzero(kind < unknown_share)
        chosen[unknown] = self._unknown(rng, unknown.size)
        if not self.songs:
            return chosen
        favourite = np.flatnonzero((kind >= unknown_share) & (kind < unknown_share + _FAVOURITE_SHARE))
        chosen[favourite] = self._favourite(rng, favourites, listeners[favourite])
        popular = np.flatnonzero(kind >= unknown_share + _FAVOURITE_SHARE)
        this_month = self.song_weights * rng.lognormal(0, 0.5, self.song_weights.size)
        chosen[popular] = draw(rng, cumulative(this_month), popular.size)
        known = np.flatnonzero(kind >= unknown_share)
        varied = known[rng.random(known.size, dtype=np.float32) < _VARIANT_SHARE]
        chosen[varied] = self.variants[chosen[varied]]
        return chosen

    def _unknown(self, rng: np.random.Generator, count: int) -> npt.NDArray[np.intp]:
        ranks = np.arange(1, len(self.recordings.titles) - self.first_unknown + 1)
        return draw(rng, cumulative(ranks**-0.7), count) + self.first_unknown

    def _favourite(
        self, rng: np.random.Generator, favourites: npt.NDArray[np.int32], listeners: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32]:
        liking = (favourites.shape[1] * rng.random(listeners.size, dtype=np.float32) ** 1.5).astype(np.int32)
        artist = favourites[listeners, np.minimum(liking, favourites.shape[1] - 1)]
        count = self.song_count[artist]
        rank = (count * rng.random(listeners.size, dtype=np.float32) ** 2).astype(np.int32)
        return self.first_song[artist] + np.minimum(rank, count - 1)


@dataclass(frozen=True)
class _Artists:
    names: list[str]
    tongues: list[str]
    songs: npt.NDArray[np.integer]  # the artist of each song, side by side


def invent_catalogue(rng: np.random.Generator, songs: int, last_year: int) -> Catalogue:
    """Invent artists, their songs, and what is played beside them.

    Args:
        rng: source of chance.
        songs: the exact number of songs.
        last_year: the year of the newest songs.
    """
    artists = _invent_artists(rng, songs)
    count = np.bincount(artists.songs, minlength=len(artists.names)).astype(np.int32)
    first = (np.cumsum(count) - count).astype(np.int32)
    artist_weights = rng.permutation(np.arange(1, count.size + 1) ** -_DOMINANT_ARTIST_EXPONENT)
    rank = np.arange(songs) - first[artists.songs]
    song_weights = (artist_weights[artists.songs] * (rank + 1) ** -_HIT_EXPONENT).astype(np.float64)

    taken: set[str] = set()
    titles = naming.song_titles(rng, artists.songs, artists.names, artists.tongues, taken)
    seconds = _draw_seconds(rng, songs)
    _reissue(rng, artists.songs, titles, seconds)
    records = _song_records(rng, artists, titles, seconds, last_year)
    variants, variant_of = _draw_variants(rng, songs)
    unknown_artists, unknown_titles, unknown_seconds = _invent_unknown(rng, artists, songs, taken)
    recordings = Recordings(
        [s.artist_name for s in records] + [records[i].artist_name for i in variant_of] + unknown_artists,
        titles + [titles[i] for i in variant_of] + unknown_titles,
        np.concatenate([seconds, _vary_seconds(rng, seconds[variant_of]), unknown_seconds]),
    )
    return Catalogue(records, recordings, first, count, artist_weights, song_weights, variants, songs + variant_of.size)


def _invent_artists(rng: np.random.Generator, songs: int) -> _Artists:
    count = -(-songs // _SONGS_AN_ARTIST)
    tongues = naming.draw_tongues(rng, count)
    names = naming.artist_names(rng, tongues, set())
    productivity = rng.lognormal(0, 1.0, count)
    # Every artist has a song; the others fall to the productive ones.
    more = draw(rng, cumulative(productivity), songs - count) if count else np.zeros(0, dtype=np.intp)
    return _Artists(names, tongues, np.sort(np.concatenate([np.arange(count), more])))


def _draw_seconds(rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    seconds = np.clip(rng.lognormal(np.log(232), 0.33, count), _SHORTEST_SECONDS, _LONGEST_SECONDS)
    return np.round(seconds, 5)


def _reissue(
    rng: np.random.Generator, artists: npt.NDArray[np.integer], titles: list[str], seconds: npt.NDArray[np.float64]
) -> None:
    """Make some songs a second release of the artist's song before: same title, other duration."""
    again = np.flatnonzero((artists[1:] == artists[:-1]) & (rng.random(max(artists.size - 1, 0)) < 0.015)) + 1
    differences = rng.uniform(0.2, 12, again.size)
    for song, difference in zip(again.tolist(), differences.tolist(), strict=True):
        titles[song] = titles[song - 1]
        seconds[song] = round(seconds[song - 1] + difference, 5)


def _song_records(
    rng: np.random.Generator,
    artists: _Artists,
    titles: list[str],
    seconds: npt.NDArray[np.float64],
    last_year: int,
) -> list[Song]:
    songs = len(titles)
    song_ids = _draw_ids(rng, "SO", songs)
    artist_ids = _draw_ids(rng, "AR", len(artists.names))
    tracks = _draw_track_ids(rng, songs)
    # About half of the real artists have no location.
    has_place = rng.random(len(artists.names)) < 0.55
    place = rng.integers(0, len(words.ARTIST_PLACES), len(artists.names))
    places = [words.ARTIST_PLACES[p] if has else ("", None, None) for p, has in zip(place, has_place, strict=True)]
    age = np.minimum(rng.exponential(14, songs), 65).astype(int)
    years = np.where(rng.random(songs) < 0.5, 0, last_year - age).tolist()
    guests = np.where(rng.random(songs) < 0.02, rng.integers(0, max(len(artists.names), 1), songs), -1).tolist()
    records: list[Song] = []
    for i, artist in enumerate(artists.songs.tolist()):
        name = artists.names[artist]
        if guests[i] not in (-1, artist):
            name = naming.guest_name(name, artists.names[guests[i]], i)
        location, latitude, longitude = places[artist]
        records.append(
            Song(
                tracks[i],
                song_ids[i],
                titles[i],
                artist_ids[artist],
                name,
                location,
                latitude,
                longitude,
                float(seconds[i]),
                years[i],
            )
        )
    return records


def _draw_variants(rng: np.random.Generator, songs: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """Give some songs a variant: (each song's variant or itself, the song of each variant)."""
    variant_of = np.flatnonzero(rng.random(songs) < 0.3)
    variants = np.arange(songs, dtype=np.int32)
    variants[variant_of] = songs + np.arange(variant_of.size)
    return variants, variant_of


def _vary_seconds(rng: np.random.Generator, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Other durations: half of them nearly the same, half clearly longer or shorter."""
    nearly = rng.uniform(-1.9, 1.9, seconds.size)
    clearly = rng.uniform(4, 40, seconds.size) * rng.choice([-1, 1], seconds.size)
    varied = seconds + np.where(rng.random(seconds.size) < 0.5, nearly, clearly)
    return np.round(np.clip(varied, 5, None), 5)


def _invent_unknown(
    rng: np.random.Generator, artists: _Artists, songs: int, taken: set[str]
) -> tuple[list[str], list[str], npt.NDArray[np.float64]]:
    """Invent recordings that no song file describes: (artists, titles, seconds).

    Some are by artists of the catalogue; part of the names are garbled as in the real logs.
    """
    count = max(300, songs // 3)
    strangers = max(60, count // 4)
    tongues = artists.tongues + naming.draw_tongues(rng, strangers)
    names = artists.names + naming.artist_names(rng, tongues[len(artists.names) :], set(artists.names))
    by_stranger = rng.integers(len(artists.names), len(names), count)
    by_anyone = rng.integers(0, len(names), count)
    who = np.where(rng.random(count) < 0.6, by_stranger, by_anyone)
    titles = naming.song_titles(rng, who, names, tongues, taken)
    garbled = (rng.random(count) < 0.5).tolist()
    shown_names = [names[i] for i in who.tolist()]
    for i in range(count):
        if garbled[i]:
            shown_names[i], titles[i] = _garble(shown_names[i]), _garble(titles[i])
    return shown_names, titles, _draw_seconds(rng, count)


def _garble(text: str) -> str:
    """Mojibake of the text if it is a Latin one: of other scripts the real logs have none."""
    return naming.mojibake(text) if all(ord(letter) < 0x250 for letter in text) else text


def _letters(number: int, count: int) -> str:
    letters: list[str] = []
    for _ in range(count):
        number, letter = divmod(number, 26)
        letters.append(chr(ord("A") + letter))
    return "".join(reversed(letters))


def _serials(rng: np.random.Generator, count: int) -> list[str]:
    """Eleven hexadecimal digits like those that the real ids end with."""
    return [f"1{number:010X}" for number in rng.integers(0, 1 << 40, count).tolist()]


def _draw_ids(rng: np.random.Generator, prefix: str, count: int) -> list[str]:
    """Draw ids of 18 characters, unique by their five letters."""
    # Steps of a number that has no divisor in common with 26 visit every five letters once.
    numbers = (int(rng.integers(MAX_SONGS)) + np.arange(count, dtype=np.int64) * 7_368_787) % MAX_SONGS
    return [
        f"{prefix}{_letters(number, 5)}{serial}"
        for number, serial in zip(numbers.tolist(), _serials(rng, count), strict=True)
    ]


def _draw_track_ids(rng: np.random.Generator, count: int) -> list[str]:
    """Draw track ids in random order, whose third to fifth letters fill folder after folder."""
    # The real lake holds some 57 songs a folder; a vast one needs more, as there are no more folders.
    per_folder = max(57, -(-count // 26**3))
    position = rng.permutation(count)
    folder, place = position // per_folder, position % per_folder
    numbers = folder * 26**2 + (place * 251 + folder * 97) % 26**2
    return [
        f"TR{_letters(number, 5)}{serial}"
        for number, serial in zip(numbers.tolist(), _serials(rng, count), strict=True)
    ]
