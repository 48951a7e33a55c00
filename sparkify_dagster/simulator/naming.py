"""How names of artists and titles of songs are composed.

What belongs here: the rules that turn the word lists into names, and names into mojibake. What does not: the word
lists, and how many names a catalogue needs.
"""

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator import words

ENGLISH = "english"
TONGUES = (ENGLISH, "spanish", "french", "nordic", "japanese", "korean", "chinese")
_TONGUE_SHARES = (0.86, 0.05, 0.025, 0.025, 0.02, 0.01, 0.01)
# An artist who sings in another tongue still gives every fifth song an English title.
_OWN_TONGUE_SHARE = 0.8
_VERSION_SHARE = 0.12
_EMOJI_SHARE = 0.006
_FIRST_NAMES = words.FEMALE_NAMES + words.MALE_NAMES

# How many whole numbers a name or a title is composed from.
_INGREDIENTS = 6
_ROMAN = ("II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def draw_tongues(rng: np.random.Generator, count: int) -> list[str]:
    """Draw the tongues that artists sing in, English for most."""
    return [TONGUES[i] for i in rng.choice(len(TONGUES), size=count, p=_TONGUE_SHARES)]


def artist_names(rng: np.random.Generator, tongues: list[str], taken: set[str]) -> list[str]:
    """Compose a name for each artist, none of them twice.

    Args:
        rng: source of chance.
        tongues: the tongue of each artist.
        taken: names that are in use; the new ones are added.
    """
    ingredients = _ingredients(rng, len(tongues))
    names: list[str] = []
    for tongue, picks in zip(tongues, ingredients, strict=True):
        name = _english_artist(picks) if tongue == ENGLISH else _foreign(words.FOREIGN_ARTISTS[tongue], picks)
        names.append(_first_free(name, taken))
    return names


def song_titles(
    rng: np.random.Generator, artists: npt.NDArray[np.integer], names: list[str], tongues: list[str], taken: set[str]
) -> list[str]:
    """Compose a title for each song, none of them twice for an artist.

    Args:
        rng: source of chance.
        artists: the artist of each song, as a position in `names` and `tongues`.
        names: the artists' names.
        tongues: the tongues they sing in.
        taken: `song_key`s that are in use; the new ones are added.
    """
    count = artists.size
    own_tongue = (rng.random(count) < _OWN_TONGUE_SHARE).tolist()
    versions = rng.choice(len(words.VERSIONS) * 2, size=count).tolist()
    versioned = (rng.random(count) < _VERSION_SHARE).tolist()
    emoji = (rng.random(count) < _EMOJI_SHARE).tolist()
    titles: list[str] = []
    for i, (artist, picks) in enumerate(zip(artists.tolist(), _ingredients(rng, count), strict=True)):
        tongue = tongues[artist] if own_tongue[i] else ENGLISH
        title = _english_title(picks) if tongue == ENGLISH else _foreign(words.FOREIGN_TITLES[tongue], picks)
        if versioned[i]:
            title += words.VERSIONS[versions[i] % len(words.VERSIONS)]
        if emoji[i]:
            title += " " + words.EMOJI[versions[i] % len(words.EMOJI)]
        titles.append(_first_free(title, taken, owner=names[artist]))
    return titles


def song_key(artist: str, title: str) -> str:
    """One text for an artist's name and a title, as the sets of names in use hold it."""
    return f"{artist}\n{title}"


def guest_name(artist: str, guest: str, pick: int) -> str:
    """The artist's name as a record with a guest gives it, such as "A featuring B"."""
    joint = words.GUESTS[pick % len(words.GUESTS)]
    return f"{artist}{joint}{guest}{')' if '(' in joint else ''}"


def mojibake(text: str) -> str:
    """The text as the real logs garble it: its UTF-8 read as Latin-1, twice."""
    for _ in range(2):
        text = text.encode("utf-8").decode("latin-1")
    return text


def _ingredients(rng: np.random.Generator, count: int) -> list[list[int]]:
    return rng.integers(0, 1 << 30, size=(count, _INGREDIENTS)).tolist()


def _pick(choices: tuple[str, ...], number: int) -> str:
    return choices[number % len(choices)]


def _english_artist(picks: list[int]) -> str:
    form, a, b, c, d, _ = picks
    adjective, noun, other = _pick(words.ADJECTIVES, a), _pick(words.NOUNS, b), _pick(words.NOUNS, c)
    first, last = _pick(_FIRST_NAMES, c), _pick(words.LAST_NAMES, d)
    form %= 12
    if form < 5:
        return f"{first} {last}"
    if form == 5:
        return f"The {adjective} {noun}s"
    if form == 6:
        return f"{adjective} {noun}"
    if form == 7:
        return f"{first} & The {adjective} {noun}s"
    if form == 8:
        return f"{noun} {other}"
    if form == 9:
        return f"DJ {adjective} {noun}"
    if form == 10:
        return f"{first} {last};{_pick(_FIRST_NAMES, a)} {_pick(words.LAST_NAMES, b)}"
    return f"{noun}/{other}" if a % 4 == 0 else f"The {noun} {other} Project"


def _english_title(picks: list[int]) -> str:
    form, a, b, c, d, _ = picks
    adjective, noun, other = _pick(words.ADJECTIVES, a), _pick(words.NOUNS, b), _pick(words.NOUNS, c)
    verb, ending = _pick(words.VERBS, c), _pick(words.ENDINGS, d)
    form %= 8
    if form == 0:
        return f"{adjective} {noun}"
    if form == 1:
        return f"{verb} the {noun}"
    if form == 2:
        return f"{verb} Me {ending}"
    if form == 3:
        return f"{noun} of the {adjective} {other}"
    if form == 4:
        return f"The {noun} and the {other}"
    if form == 5:
        return f"{adjective} {noun} {ending}"
    if form == 6:
        return f"Don't {verb} My {noun}"
    return f"{noun} {ending}"


def _foreign(parts: tuple[tuple[str, ...], tuple[str, ...], str], picks: list[int]) -> str:
    openings, closings, joined_by = parts
    return _pick(openings, picks[1]) + joined_by + _pick(closings, picks[2])


def _first_free(name: str, taken: set[str], owner: str | None = None) -> str:
    """The name, or its first numbered successor that is not taken; takes it."""
    number = 0
    candidate = name
    while True:
        key = candidate if owner is None else song_key(owner, candidate)
        if key not in taken:
            taken.add(key)
            return candidate
        candidate = f"{name} {_ROMAN[number] if number < len(_ROMAN) else number + 2}"
        number += 1
