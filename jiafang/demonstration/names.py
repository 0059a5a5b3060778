"""Invented names, from surnames and given characters of three generations."""

from random import Random

from jiafang.demonstration.numbers import Sex

# Most frequent first; the weights fall along the list.
SURNAMES = (
    "林陈黄郑张吴李王刘蔡杨许苏谢叶庄曾郭邱洪周徐何赖罗江余朱廖游卢施沈胡方翁魏潘柯詹傅高温肖颜连姚纪钟"
    "戴范薛蓝雷汤童章涂阮饶俞巫官池伍熊孙程唐邹易梁宋严赵马冯董"
)
COMPOUND_SURNAMES = ("欧阳", "上官")

# For each generation: characters that begin a given name and characters that end one or stand alone.
_GIVEN: dict[tuple[str, Sex], tuple[str, str]] = {
    ("young", "男"): (
        "梓子浩博俊嘉承奕思明景瑞一书家逸启沐柏煜昊宇文泽睿天佑少",
        "轩然涵泽睿铭昊熙煜恩凡远哲楷航豪晨晟翰霖阳宸乐尧宇皓景诚帆",
    ),
    ("young", "女"): (
        "梓雨欣诗语若可思佳悦静雅梦晓芷书舒安婉清依沐筱嘉以夏心一",
        "涵桐怡溪馨琪嫣颖妍雅瑶彤晴然诺宁萱禾沫琳妤昕瑾蕾霏",
    ),
    ("adult", "男"): (
        "志建文国永海金荣庆福明德贵进少东振家宗培水炳晓春宏新世",
        "伟华清辉龙生成财斌剑锋鹏添杰坤鑫祥荣泉平勇军忠林海",
    ),
    ("adult", "女"): (
        "丽秀珍美玉淑惠月彩云素雪燕秋碧锦小金宝巧晓桂翠雅春海",
        "华珍玉芬琴英云梅芳萍霞莲凤花珠玲敏香兰婷红娟琼钦治",
    ),
    ("old", "男"): ("天来木水金财有福进土开基元长庚清添火旺德永文世", "生根发旺财来福水木土添寿庆坤泉金昌德春"),
    ("old", "女"): ("玉秀金桂月宝碧春水细菊阿招罔赛雪美", "兰英花枝娥珍玉仙妹珠治菊缎娘莲"),
}

# Names of people in the news that the characters above could spell.
KNOWN_PEOPLE = frozenset((
    "何平", "余华", "刘伟", "刘国华", "刘德华", "刘昊然", "吴晓军", "吴永杰", "周杰", "周雨彤", "唐嫣", "姚晨",
    "孙春兰", "孙海英", "张国清", "张国荣", "张家辉", "张建军", "张志军", "张思帆", "张杰", "张桂梅", "张海霞",
    "张雨霏", "徐静蕾", "方芳", "朱军", "朱婷", "朱德", "李一桐", "李一诺", "李佳琪", "李嘉诚", "李宁",
    "李志军", "李晨", "李沐宸", "李海英", "李雪琴", "杨志军", "杨颖", "林书豪", "林春", "柯文哲", "梁家辉",
    "潘建伟", "王宏伟", "王建军", "王志军", "王春", "王晨", "王珍", "王瑶", "王金平", "程永华", "童瑶", "肖华",
    "胡春华", "胡海泉", "苏炳添", "董军", "董建华", "许晴", "赖清德", "赵海清", "赵龙", "钟志平", "陈坤",
    "陈建斌", "陈思琪", "陈思诚", "陈文清", "陈明忠", "陈春生", "陈瑶", "陈若琳", "陈龙", "雷军", "雷锋",
    "颜宁", "马云", "马晓伟", "马龙", "魏伟", "魏建军", "魏晨", "黄志忠", "黄海清",
))  # fmt: skip

_SINGLE_CHARACTER_SHARE = {"young": 0.12, "adult": 0.22, "old": 0.05}
_COMPOUND_SHARE = 0.004


class NameMaker:
    """Makes names from a stream of chance of its own."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._surnames = [
            character for place, character in enumerate(SURNAMES) for _ in range(max(1, 40 // (place + 2)))
        ]

    def surname(self) -> str:
        if self._random.random() < _COMPOUND_SHARE:
            return self._random.choice(COMPOUND_SURNAMES)
        return self._random.choice(self._surnames)

    def full_name(self, sex: Sex, generation: str, surname: str = "") -> str:
        """A full name, with the surname of the family where one is given."""
        first, last = _GIVEN[generation, sex]
        while True:
            family = surname or self.surname()
            given = self._random.choice(last)
            if self._random.random() >= _SINGLE_CHARACTER_SHARE[generation]:
                given = self._random.choice(first) + given
            name = family + given
            if name not in KNOWN_PEOPLE and family != given[0]:
                return name


def surname_of(name: str) -> str:
    """The surname with which a generated name begins."""
    return name[:2] if name[:2] in COMPOUND_SURNAMES else name[:1]
