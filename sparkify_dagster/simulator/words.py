"""The words that names, titles, places, and user agents are made of.

What belongs here: literal lists. What does not: any rule of how they are put together.
"""


def _split(text: str, separator: str = " ") -> tuple[str, ...]:
    return tuple(text.split(separator))


FEMALE_NAMES = _split(
    "Kaylee Sylvie Celeste Anabelle Sara Lily Ayla Chloe Cecilia Aleena Katherine Tegan Shakira Layla Kate Molly Sienna "
    "Jacqueline Kynnedi Ava Jizelle Jordyn Hannah Kimber Ann Kinsley Ryann Cierra Maia Stefany Avery Jaleah Adelyn "
    "Emily Andrea Ayleen Amiya Cienna Marina Gianna Evelin Magdalene Alivia Noor Ingrid Priya Mei Yuna Olivia Emma "
    "Sophia Amelia Harper Zoë Renée Chloé Inés Lucía Søs Åsa Nadia Fatima Leila Esther Ruth Beatriz Tamsin Willow"
)
MALE_NAMES = _split(
    "Walter Ryan Jayden Connar Theodore Noah Jahiem Brantley Devin Joseph Jacob Carlos Austin Martin Wyatt Adler Aiden "
    "Kevin Morris Bronson Kaleb Colm Matthew Mohammad Brayden Rylan Tucker Samuel Dominick Braden Zachary Elijah James "
    "Sean Jordan José Andrés Jesús René Søren Björn Łukasz Omar Ravi Kenji Minho Wei Liam Oliver Lucas Henry Levi "
    "Mateo Gabriel Isaac Felix Hugo Otis Silas Ezra Malik Tyrone Dashiell"
)
LAST_NAMES = _split(
    "Frye Summers Cruz Smith Fox Williams Simpson Moreno Johnson Koch Cuevas Owens Kirby Chavez Burns Miles Gay Barrett "
    "West Larson Levine Hunt Bell Griffin Harrell Gutierrez Klein Taylor Colon Graves Carter Lynch Rosales Scott Sanchez "
    "Robinson Harris Barrera Hess Arellano Gilmore Benjamin Powell Cook Calhoun Norris Santana Banks Young Rogers Jones "
    "Rodriguez Finley Clark George Burke White Hicks Garrison Duffy Gonzalez Watkins Hayes Jordan Benson Butler Parker "
    "Wise Davidson Thomas Freeman Roth Sutton Ayala Davis Herman Terrell Martin Martinez Wilson Núñez Peña Muñoz García "
    "Müller Håkansson Ødegård Nowak Kowalski Nguyen Tran Kim Park Chen Wang Singh Patel Okafor Adeyemi O'Connor O'Brien"
)

# Metropolitan areas of the listeners: name, hours from UTC in standard time, weight.
LISTENER_PLACES: tuple[tuple[str, int, int], ...] = (
    ("San Francisco-Oakland-Hayward, CA", -8, 60),
    ("New York-Newark-Jersey City, NY-NJ-PA", -5, 90),
    ("Los Angeles-Long Beach-Anaheim, CA", -8, 70),
    ("Chicago-Naperville-Elgin, IL-IN-WI", -6, 55),
    ("Atlanta-Sandy Springs-Roswell, GA", -5, 35),
    ("Houston-The Woodlands-Sugar Land, TX", -6, 35),
    ("Dallas-Fort Worth-Arlington, TX", -6, 35),
    ("Philadelphia-Camden-Wilmington, PA-NJ-DE-MD", -5, 30),
    ("Washington-Arlington-Alexandria, DC-VA-MD-WV", -5, 30),
    ("Miami-Fort Lauderdale-West Palm Beach, FL", -5, 28),
    ("Phoenix-Mesa-Scottsdale, AZ", -7, 26),
    ("San Jose-Sunnyvale-Santa Clara, CA", -8, 26),
    ("Seattle-Tacoma-Bellevue, WA", -8, 26),
    ("Minneapolis-St. Paul-Bloomington, MN-WI", -6, 22),
    ("Tampa-St. Petersburg-Clearwater, FL", -5, 20),
    ("St. Louis, MO-IL", -6, 18),
    ("San Diego-Carlsbad, CA", -8, 20),
    ("Denver-Aurora-Lakewood, CO", -7, 20),
    ("Portland-Vancouver-Hillsboro, OR-WA", -8, 18),
    ("Portland-South Portland, ME", -5, 12),
    ("Lansing-East Lansing, MI", -5, 12),
    ("Waterloo-Cedar Falls, IA", -6, 9),
    ("Lake Havasu City-Kingman, AZ", -7, 8),
    ("Winston-Salem, NC", -5, 10),
    ("Janesville-Beloit, WI", -6, 8),
    ("Sacramento--Roseville--Arden-Arcade, CA", -8, 16),
    ("Birmingham-Hoover, AL", -6, 10),
    ("Marinette, WI-MI", -6, 4),
    ("Red Bluff, CA", -8, 3),
    ("Augusta-Richmond County, GA-SC", -5, 6),
    ("San Antonio-New Braunfels, TX", -6, 14),
    ("New Haven-Milford, CT", -5, 8),
    ("Harrisburg-Carlisle, PA", -5, 7),
    ("Yuba City, CA", -8, 4),
    ("New Orleans-Metairie, LA", -6, 12),
    ("Nashville-Davidson--Murfreesboro--Franklin, TN", -6, 16),
    ("Salinas, CA", -8, 5),
    ("Longview, TX", -6, 4),
    ("Eureka-Arcata-Fortuna, CA", -8, 4),
    ("La Crosse-Onalaska, WI-MN", -6, 4),
    ("Klamath Falls, OR", -8, 3),
    ("Santa Rosa, CA", -8, 5),
    ("Lubbock, TX", -6, 5),
    ("Columbia, SC", -5, 7),
    ("Oxnard-Thousand Oaks-Ventura, CA", -8, 6),
    ("Ogden-Clearfield, UT", -7, 6),
    ("Cedar Rapids, IA", -6, 4),
    ("Plymouth, IN", -5, 3),
    ("Detroit-Warren-Dearborn, MI", -5, 18),
    ("Milwaukee-Waukesha-West Allis, WI", -6, 9),
    ("Española, NM", -7, 3),
    ("Cañon City, CO", -7, 2),
    ("Mayagüez, PR", -4, 4),
    ("San Germán, PR", -4, 3),
    ("Urban Honolulu, HI", -10, 6),
    ("Anchorage, AK", -9, 4),
)

_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
_MOBILE_SAFARI = "AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 Mobile/11D257 Safari/9537.53"

# User agents with their weights. Those with a comma carry literal quotes in the logs, as the real ones do.
USER_AGENTS: tuple[tuple[str, int], ...] = (
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) {_BLINK} Chrome/36.0.1985.143 Safari/537.36", 49),
    (f"Mozilla/5.0 (X11; Linux x86_64) {_BLINK} Chrome/37.0.2062.94 Safari/537.36", 38),
    ("Mozilla/5.0 (Windows NT 5.1; rv:31.0) Gecko/20100101 Firefox/31.0", 37),
    (f"Mozilla/5.0 (X11; Linux x86_64) {_BLINK} Ubuntu Chromium/36.0.1985.125 Chrome/36.0.1985.125 Safari/537.36", 34),
    (f"Mozilla/5.0 (Windows NT 6.3; WOW64) {_BLINK} Chrome/36.0.1985.143 Safari/537.36", 29),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64; rv:31.0) Gecko/20100101 Firefox/31.0", 28),
    (f"Mozilla/5.0 (Windows NT 6.1; WOW64) {_BLINK} Chrome/36.0.1985.125 Safari/537.36", 27),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.9; rv:31.0) Gecko/20100101 Firefox/31.0", 27),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) AppleWebKit/537.78.2 (KHTML, like Gecko) Version/7.0.6 Safari/537.78.2",
        26,
    ),
    (f"Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) {_MOBILE_SAFARI}", 19),
    (f"Mozilla/5.0 (Windows NT 5.1) {_BLINK} Chrome/36.0.1985.143 Safari/537.36", 16),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", 8),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64; rv:32.0) Gecko/20100101 Firefox/32.0", 5),
    ("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; Trident/6.0)", 3),
    (f"Mozilla/5.0 (iPad; CPU OS 7_1_2 like Mac OS X) {_MOBILE_SAFARI}", 6),
    ("Mozilla/5.0 (X11; Ubuntu; Linux i686; rv:31.0) Gecko/20100101 Firefox/31.0", 3),
)

# Where artists come from: text as people type it, latitude, longitude (None: the source has no coordinates).
ARTIST_PLACES: tuple[tuple[str, float | None, float | None], ...] = (
    ("New York, NY", 40.71455, -74.00712),
    ("California - SF", 37.77916, -122.42005),
    ("California - LA", None, None),
    ("Los Angeles, CA", 34.05349, -118.24532),
    ("Nashville, TN.", 36.16778, -86.77836),
    ("Chicago, IL", 41.88415, -87.63241),
    ("Memphis, TN", 35.14968, -90.04892),
    ("Detroit, MI", 42.33168, -83.04792),
    ("New Orleans, LA", 29.95369, -90.07771),
    ("Austin, TX", 30.26759, -97.74299),
    ("Seattle, Washington USA", None, None),
    ("New York, NY [Spanish Harlem]", 40.79195, -73.94512),
    ("Newark, NJ", 40.73197, -74.17418),
    ("Beaumont, TX", 30.08615, -94.10158),
    ("Georgia", 32.67828, -83.22295),
    ("Utah", 39.49974, -111.54732),
    ("United States", 37.16793, -95.84502),
    ("Toronto, Ontario, Canada", 43.64856, -79.38533),
    ("Montréal, Québec, Canada", 45.51228, -73.55439),
    ("London, England", 51.50632, -0.12714),
    ("Manchester, England", None, None),
    ("Glasgow, Scotland", 55.85773, -4.24251),
    ("Dublin, Ireland", 53.34376, -6.24953),
    ("Paris, France", 48.85692, 2.34121),
    ("Köln, Germany", 50.94168, 6.95517),
    ("Zürich, Switzerland", 47.37706, 8.53955),
    ("Göteborg, Sweden", 57.70133, 11.96689),
    ("Tromsø, Norway", 69.65102, 18.95508),
    ("Denmark", 56.27609, 9.51695),
    ("Zagreb Croatia", 45.80726, 15.9676),
    ("Kraków, Poland", 50.06045, 19.93243),
    ("İstanbul, Türkiye", None, None),
    ("São Paulo, Brazil", -23.56287, -46.65468),
    ("Bogotá, Colombia", 4.65637, -74.11779),
    ("México, D.F.", 19.43195, -99.13315),
    ("Panama", 8.4177, -80.11278),
    ("Lagos, Nigeria", 6.45306, 3.39583),
    ("Kingston, Jamaica", 17.99027, -76.79282),
    ("東京", 35.67048, 139.74092),
    ("Osaka, Japan (大阪)", None, None),
    ("서울, Korea", 37.55651, 126.97887),
    ("北京, China", 39.90601, 116.38797),
    ("Melbourne, Australia", -37.81753, 144.96715),
)

ADJECTIVES = _split(
    "Broken Golden Silent Electric Midnight Velvet Lonely Crimson Hollow Neon Paper Wild Distant Burning Frozen Gentle "
    "Silver Restless Sacred Bitter Sunday Lazy Northern Southern Quiet Violent Purple Blue Green Ancient Plastic Foggy "
    "Tender Crooked Faithful Fading Second Last First Sweet Secret Invisible Dirty Holy Heavy Weightless Summer Winter "
    "Autumn Empty Endless Rusty Crystal Young Old Little Honest Careless Wandering Drowsy"
)
NOUNS = _split(
    "River Mirror Engine Garden Harbor Window Satellite Orchard Machine Horizon Lantern Wolf Sparrow Tiger Dancer Ghost "
    "Shadow Ocean Mountain Valley Highway Station Train Radio Telephone Letter Promise Dream Memory Fever Thunder Rain "
    "Storm Sunrise Moon Star Comet Planet Stranger Lover Sailor Soldier Preacher Gambler Thief King Queen Kingdom City "
    "Village Bridge Tower Cathedral Temple Desert Island Forest Pine Rose Lily Thorn Diamond Copper Feather Needle "
    "Whiskey Honey Cinnamon Pepper Sugar Heart Bone Hand Voice Whisper Echo Silence Season Carousel Parade"
)
VERBS = _split(
    "Follow Leave Chase Forget Remember Call Hold Burn Bury Break Carry Find Lose Love Keep Steal Paint Cross Climb "
    "Wake Feed Shake Turn Trust Watch Hear Free Catch"
)
ENDINGS = _split(
    "Tonight|Again|Forever|Slowly|Now|in the Rain|After Midnight|All Night Long|Before the Dawn|on Sunday|Down the Line|"
    "One More Time|With Me|Without You|for a While|Like a Fool|at the End of the World|Under the Bridge|Out Loud|Too Soon",
    "|",
)
VERSIONS = _split(
    " (Album Version)| (LP Version)| (Live)| (Remix)| (Instrumental Version)| (Explicit Album Version)| (Acoustic)|"
    " (2005 Digital Remaster)| [Live At The Old Market Hall]| (Radio Edit)| (Demo)| (Skit)",
    "|",
)
GUESTS = (" featuring ", " feat. ", " (Featuring ")
EMOJI = ("🎧", "🌙", "🔥", "💔", "✨", "🌊", "👩‍🚀")

# Songs and artists that do not sing in English, by the tongue they sing in: (openings, closings, joined by).
FOREIGN_TITLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "spanish": (
        ("La Canción", "El Corazón", "Una Noche", "Mi Niña", "Dónde Está", "El Último Día", "La Lluvia", "Mañana"),
        ("de Verano", "Sin Ti", "del Río", "en la Montaña", "Perdido", "de José", "y Adiós", "¿Por Qué?", "de Antaño"),
        " ",
    ),
    "french": (
        ("L'été", "La Mémoire", "Le Garçon", "Une Fenêtre", "À Demain", "Les Étoiles", "Ma Chérie", "Café"),
        ("de Noël", "sans Toi", "à Paris", "oublié", "d'Hélène", "du Château", "en Forêt", "et Après"),
        " ",
    ),
    "nordic": (
        ("Över Havet", "Märk Hur", "Søvnløs", "Å Leve", "Den Blå", "Kärlek", "Vår Natt", "Sång"),
        ("i Skogen", "på Øya", "utan Dig", "för Länge", "om Våren", "til Tromsø", "och Snö", "i Går"),
        " ",
    ),
    "japanese": (
        ("青い", "夜の", "東京", "さよなら", "春の", "遠い", "君の", "雨の"),
        ("花", "空", "電車", "歌", "メロディ", "約束", "猫", "ハイウェイ"),
        "",
    ),
    "korean": (
        ("서울", "푸른", "너의", "마지막", "봄날의", "하얀"),
        ("밤", "하늘", "노래", "기차", "편지", "바다"),
        " ",
    ),
    "chinese": (
        ("月亮", "故乡", "北京", "昨天", "红色", "远方"),
        ("的歌", "的河", "的你", "之夜", "的雨", "的路"),
        "",
    ),
}
FOREIGN_ARTISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "spanish": (
        ("Los", "Café", "Sonora", "José", "Grupo", "Niños", "Orquesta", "María"),
        ("Antaño", "del Río", "González", "Peña", "Montaña", "Corazón", "Ibáñez", "Autónomos"),
        " ",
    ),
    "french": (
        ("Françoise", "Hélène", "Les Frères", "Noémie", "Théo", "Gaël", "La Fanfare", "Zoé"),
        ("Lefèvre", "Château", "Béranger", "Désirée", "du Sud", "Garçon", "Crépuscule", "Aimée"),
        " ",
    ),
    "nordic": (
        ("Søren", "Björn", "Åsa", "Jón Þór", "Kåre", "Märta", "Røde", "Östra"),
        ("Håkansson", "Ødegård", "Sjöberg", "Fjällräv", "Kråke", "Sæther", "Orkestern", "Blå"),
        " ",
    ),
    "japanese": (
        ("夜明け", "東京", "青葉", "月光", "山田", "さくら"),
        ("楽団", "バンド", "花子", "クラブ", "太郎", "合唱団"),
        "",
    ),
    "korean": (
        ("한강", "서울", "민지", "바람", "달빛"),
        ("밴드", "소년단", "와 친구들", "악단", "소리"),
        " ",
    ),
    "chinese": (
        ("长江", "王", "北京", "星空", "小"),
        ("乐队", "丽华", "合唱团", "月", "海"),
        "",
    ),
}
