"""The invented map: a county between hills and a bay, its townships and villages."""

from math import cos, pi, radians, sin
from random import Random

from jiafang.demonstration.model import Township, Village

COUNTY = "澜溪县"
CENTER = (25.62, 118.86)
KM_PER_DEGREE = 111.2
TOWNSHIP_SPACING_KM = 8.5

SEAT = "澜城镇"
RURAL_TOWNSHIPS = (
    "松坪镇", "桐湾镇", "云岭乡", "石桥坂镇", "青屿镇", "蓬坑乡", "竹湖镇", "渔澳镇",
    "枫洋乡", "金埕镇", "龙磜乡", "白鹭洲镇", "樟屏镇", "水尾坂乡", "南墩镇", "峰兜乡",
)  # fmt: skip
COMMUNITIES = ("东门", "西街", "南桥", "北苑", "澜滨", "文庙", "新渡", "凤埕", "朝阳坡", "月湖", "双榕", "观澜")
VILLAGE_FIRST = "上下前后东西南北大小石溪山水龙凤梅竹兰松枫桃李杏荷莲柳榕樟茶黄白青红金银古新双三九高长平安福兴"
VILLAGE_LAST = "坪坑岭湾坂洋厝埔墩坝屿澳浦园垄坡洲潭井桥亭楼店埕林尾头"
WATER_CHARACTERS = frozenset("湾屿澳浦洲潭溪水坝")


def _away(lat: float, lon: float, km: float, angle: float) -> tuple[float, float]:
    """The point some kilometres away in a direction, to about a metre."""
    return (
        round(lat + km * sin(angle) / KM_PER_DEGREE, 5),
        round(lon + km * cos(angle) / (KM_PER_DEGREE * cos(radians(lat))), 5),
    )


def near(random: Random, lat: float, lon: float, km: float) -> tuple[float, float]:
    """A chance point within some kilometres."""
    return _away(lat, lon, km * random.random() ** 0.5, 2 * pi * random.random())


def draw_map(random: Random, rural: int, villages_each: int) -> tuple[Township, ...]:
    """The county seat and so many rural townships on rings around it."""
    used: set[str] = set()
    townships = [_seat(random)]
    for place, name in enumerate(RURAL_TOWNSHIPS[:rural]):
        ring, position = (1, place) if place < 6 else (2, place - 6)
        on_ring = min(rural, 6) if ring == 1 else rural - 6
        angle = 2 * pi * position / on_ring + ring * 0.4
        lat, lon = near(random, *_away(*CENTER, ring * TOWNSHIP_SPACING_KM, angle), 1.2)
        count = villages_each + random.randint(-1, 2)
        townships.append(
            Township(name, lat, lon, tuple(_village(random, used, lat, lon) for _ in range(count)), urban=False)
        )
    return tuple(townships)


def _seat(random: Random) -> Township:
    communities = []
    for name in COMMUNITIES:
        lat, lon = near(random, *CENTER, 2.2)
        communities.append(Village(f"{name}社区", lat, lon, by_water="澜" in name or "渡" in name))
    return Township(SEAT, *CENTER, tuple(communities), urban=True)


def _village(random: Random, used: set[str], lat: float, lon: float) -> Village:
    while True:
        name = random.choice(VILLAGE_FIRST) + random.choice(VILLAGE_LAST)
        if name not in used and name[0] != name[1]:
            used.add(name)
            here = near(random, lat, lon, 4.2)
            return Village(f"{name}村", *here, by_water=bool(WATER_CHARACTERS.intersection(name)))
