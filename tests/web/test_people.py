"""Finding, viewing and correcting people through the pages."""

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import AuditEntry
from jiafang.common.clock import today
from jiafang.organization.models import Enrollment, Pairing, Person, Post
from tests.factories import organization as made

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_classes() -> dict[str, object]:
    """Two classes of a school, each with a homeroom teacher, a child and a mother who could leak."""
    cohort = made.GradeCohortFactory()
    one, two = (made.SchoolClassFactory(cohort=cohort, number=n) for n in (1, 2))
    children = [
        made.student(c, name=name, pinyin=p, initials=i, registry_number=r)
        for c, name, p, i, r in (
            (one, "曾小雨", "zengxiaoyu", "zxy", "G350000000000000001"),
            (two, "章晓燕", "zhangxiaoyan", "zxy", "G350000000000000002"),
        )
    ]
    return {
        "cohort": cohort,
        "one": one,
        "two": two,
        "children": children,
        "mothers": [made.guardian_of(child, made.PersonFactory(name=f"{child.name[0]}妈妈")) for child in children],
        "teacher": made.homeroom_teacher(one),
        "other": made.homeroom_teacher(two),
        "principal": made.school_post(Post.Kind.PRINCIPAL, cohort.school),
    }


@pytest.mark.parametrize("words", ["曾小雨", "小雨", "zengxiao", "zxy", "七年级1班", "七年级(1)班", "七年级1班 zxy"])
def test_a_teacher_finds_own_students_by_name_pinyin_initials_and_class(client, two_classes, words) -> None:
    made.sign_in(client, two_classes["teacher"])
    page = client.get(reverse("people_list"), {"q": words}).content.decode()
    assert "曾小雨" in page
    assert "章晓燕" not in page


def test_the_list_costs_the_same_for_one_person_and_for_three(
    client, two_classes, django_assert_max_num_queries
) -> None:
    made.sign_in(client, two_classes["teacher"])
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(40) as queries:
            client.get(reverse("people_list"), {"role": "student"})
        counts.append(len(queries))
        for _more in range(2):
            made.student(two_classes["one"])
    assert counts[0] == counts[1]


def test_a_colleague_of_another_class_is_told_that_the_child_is_missing(client, two_classes) -> None:
    child, mother = two_classes["children"][0], two_classes["mothers"][0]
    made.sign_in(client, two_classes["other"])
    for person in (child, mother):
        for name in ("person", "person_edit", "household_edit", "person_move"):
            assert client.get(reverse(name, args=[person.pk])).status_code == 404
    assert "曾妈妈" not in client.get(reverse("people_list")).content.decode()


def test_a_colleagues_own_child_does_not_show_in_the_list(client, two_classes) -> None:
    """The other teacher is also a mother; the class teacher sees the colleague, not whose mother she is."""
    own = made.student(two_classes["two"], name="彭亦可")
    made.guardian_of(own, two_classes["other"])
    made.sign_in(client, two_classes["teacher"])
    page = client.get(reverse("people_list")).content.decode()
    assert two_classes["other"].name in page
    assert "彭亦可" not in page


def test_opening_a_students_file_leaves_an_audit_entry(client, two_classes) -> None:
    child = two_classes["children"][0]
    actor = made.sign_in(client, two_classes["teacher"])
    assert client.get(reverse("person", args=[child.pk])).status_code == 200
    entry = AuditEntry.objects.get(action="student.opened")
    assert (entry.person_id, entry.object_id) == (actor.person_id, str(child.pk))


def test_a_principal_corrects_a_phone_and_a_wrong_one_is_refused_in_words(client, two_classes) -> None:
    mother = two_classes["mothers"][0]
    made.sign_in(client, two_classes["principal"], "principal")
    address = reverse("person_edit", args=[mother.pk])
    refused = client.post(address, {"name": mother.name, "phone": "12345"})
    assert "手机号应为 11 位数字" in refused.content.decode()
    assert 'value="12345"' in refused.content.decode()
    assert client.post(address, {"name": mother.name, "phone": "13900001111"}).status_code == 302
    assert Person.unscoped.get(pk=mother.pk).phone == "13900001111"


def test_a_principal_cannot_reach_another_school(client, two_classes) -> None:
    stranger = made.student(made.SchoolClassFactory(), name="魏知秋")
    made.sign_in(client, two_classes["principal"], "principal")
    assert client.get(reverse("person", args=[stranger.pk])).status_code == 404
    assert client.post(reverse("person_edit", args=[stranger.pk]), {"name": "改名"}).status_code == 404
    assert Person.unscoped.get(pk=stranger.pk).name == "魏知秋"


def test_a_student_moves_to_another_class_and_the_history_stays(client, two_classes) -> None:
    child, to = two_classes["children"][0], two_classes["two"]
    made.sign_in(client, two_classes["principal"], "principal")
    address = reverse("person_move", args=[child.pk])
    answer = client.post(address, {"to": to.pk, "on": today().isoformat()})
    assert answer.status_code == 302
    rows = list(Enrollment.unscoped.filter(student=child).order_by("id").values_list("school_class_id", "end_reason"))
    assert rows == [(two_classes["one"].pk, "transferred"), (to.pk, "")]


def test_a_student_cannot_both_move_and_leave(client, two_classes) -> None:
    child = two_classes["children"][0]
    made.sign_in(client, two_classes["principal"], "principal")
    address = reverse("person_move", args=[child.pk])
    both = {"to": two_classes["two"].pk, "reason": "left", "on": today().isoformat()}
    assert "请选一个班级" in client.post(address, both).content.decode()
    assert Enrollment.unscoped.filter(student=child, end=None, school_class=two_classes["one"]).exists()


def test_a_revoked_guardian_loses_the_child_at_once(two_classes) -> None:
    child, mother = two_classes["children"][0], two_classes["mothers"][0]
    office, home = Client(), Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    actor = made.sign_in(home, mother)
    assert actor.kind == "guardian"
    link = child.guardianships.get()
    assert office.post(reverse("guardianship_revoke", args=[link.pk])).status_code == 302
    assert "登录已经结束" in home.get("/", follow=True).content.decode()
    home.force_login(mother.user)
    assert "还没有职务" in home.get("/", follow=True).content.decode()


def test_what_was_revoked_by_mistake_is_given_back_on_the_page_of_the_child(client, two_classes) -> None:
    child, mother = two_classes["children"][0], two_classes["mothers"][0]
    link = child.guardianships.get()
    page, back = reverse("person", args=[child.pk]), reverse("guardianship_restore", args=[link.pk])
    administrator = made.bureau_post(Post.Kind.ADMINISTRATOR)
    made.sign_in(client, administrator)
    assert back not in client.get(page).content.decode()
    assert client.post(back).status_code == 404
    client.post(reverse("guardianship_revoke", args=[link.pk]))
    made.sign_in(client, two_classes["principal"], "principal")
    assert client.post(back).status_code == 404
    made.sign_in(client, administrator)
    assert back in client.get(page).content.decode()
    assert "又能看到" in client.post(back, follow=True).content.decode()
    assert made.sign_in(client, mother).kind == "guardian"


def test_nobody_ends_or_restores_the_own_guardianship(client, two_classes) -> None:
    child, principal = two_classes["children"][0], two_classes["principal"]
    own = made.GuardianshipFactory(student=child, guardian=principal, is_primary=False)
    made.sign_in(client, principal, "principal")
    answer = client.post(reverse("guardianship_revoke", args=[own.pk]), follow=True)
    assert "请由别的有权更正的人来办" in answer.content.decode()
    own.refresh_from_db()
    assert own.revoked_on is None
    administrator = made.bureau_post(Post.Kind.ADMINISTRATOR)
    once = made.GuardianshipFactory(student=child, guardian=administrator, is_primary=False, revoked_on=today())
    made.sign_in(client, administrator, "administrator")
    answer = client.post(reverse("guardianship_restore", args=[once.pk]), follow=True)
    assert "请由别的有权更正的人来办" in answer.content.decode()
    once.refresh_from_db()
    assert once.revoked_on == today()


def test_a_new_homeroom_teacher_takes_over_and_the_old_post_keeps_its_days(client, two_classes) -> None:
    successor = made.employee(two_classes["cohort"].school)
    made.sign_in(client, two_classes["principal"], "principal")
    address = reverse("class_homeroom", args=[two_classes["one"].pk])
    assert client.post(address, {"teacher": successor.pk, "on": today().isoformat()}).status_code == 302
    held = Post.unscoped.filter(kind="homeroom_teacher", school_class=two_classes["one"]).order_by("id")
    assert [(p.person_id, p.end) for p in held] == [(two_classes["teacher"].pk, today()), (successor.pk, None)]


def test_somebody_from_elsewhere_cannot_be_appointed(client, two_classes) -> None:
    stranger = made.employee(made.SchoolFactory())
    made.sign_in(client, two_classes["principal"], "principal")
    address = reverse("class_homeroom", args=[two_classes["one"].pk])
    assert client.post(address, {"teacher": stranger.pk, "on": today().isoformat()}).status_code == 200
    assert not Post.unscoped.filter(kind="homeroom_teacher", person=stranger).exists()


def test_an_administrator_pairs_a_cadre_with_a_school_and_places_a_village(client, two_classes) -> None:
    cadre, village = made.bureau_post(Post.Kind.CADRE), made.VillageFactory(lat=None, lon=None)
    made.sign_in(client, made.bureau_post(Post.Kind.ADMINISTRATOR))
    school = two_classes["cohort"].school
    client.post(reverse("school_pair", args=[school.pk]), {"cadre": cadre.pk})
    assert cadre.name in client.get(reverse("school", args=[school.pk])).content.decode()
    client.post(reverse("village_edit", args=[village.pk]), {"lat": "25.1", "lon": "118.1"})
    village.refresh_from_db()
    assert (village.lat, village.lon) == (25.1, 118.1)


def test_schools_without_a_cadre_are_proposed_to_somebody_near_and_paired_as_ticked(client) -> None:
    busy, idle = made.bureau_post(Post.Kind.CADRE), made.bureau_post(Post.Kind.CADRE)
    near, far, north, taken = (made.SchoolFactory(lat=lat, lon=118.2) for lat in (25.51, 25.9, 25.91, 25.5))
    made.PairingFactory(cadre=busy, school=taken)
    administrator = made.bureau_post(Post.Kind.ADMINISTRATOR)
    made.sign_in(client, administrator)
    page = client.get(reverse("pairing_list")).content.decode()
    assert f'value="{near.pk}:{busy.pk}"' in page
    assert f'value="{far.pk}:{idle.pk}"' in page
    assert f'value="{taken.pk}:' not in page
    assert f"离 {taken.name} 1.1 公里" in page
    chosen = [f"{near.pk}:{busy.pk}", f"{far.pk}:{idle.pk}", f"{north.pk}:{made.employee(near).pk}"]
    chosen += ["0:0", "x:y", f"{taken.pk}:{idle.pk}", f"1:{'9' * 5000}"]
    answer = client.post(reverse("pairing_list"), {"pair": chosen}, follow=True).content.decode()
    assert "2 所学校有了挂钩干部" in answer
    assert "不是局机关干部" in answer
    assert f"{taken.name} 已经有挂钩干部" in answer
    assert "有一行已经过时" in answer
    assert set(Pairing.unscoped.filter(end=None).values_list("school_id", "cadre_id")) == {
        (taken.pk, busy.pk),
        (near.pk, busy.pk),
        (far.pk, idle.pk),
    }
    assert f'value="{north.pk}:{idle.pk}"' in client.get(reverse("pairing_list")).content.decode()
    made.sign_in(client, made.school_post("principal", near))
    assert client.get(reverse("pairing_list")).status_code == 404


@pytest.mark.parametrize("name", ["school_list", "village_list", "pairing_list"])
def test_lists_of_units_cost_the_same_for_one_row_and_three(client, name, django_assert_max_num_queries) -> None:
    made.sign_in(client, made.bureau_post(Post.Kind.ADMINISTRATOR))
    counts = []
    for extra in (1, 2):
        for _n in range(extra):
            made.SchoolClassFactory()
            made.VillageFactory()
        with django_assert_max_num_queries(40) as queries:
            client.get(reverse(name))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["school", "class"])
def test_pages_of_units_cost_the_same_for_one_row_and_three(
    client, two_classes, name, django_assert_max_num_queries
) -> None:
    made.sign_in(client, two_classes["principal"], "principal")
    pk = {"school": two_classes["cohort"].school_id, "class": two_classes["one"].pk}[name]
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(40) as queries:
            client.get(reverse(name, args=[pk]))
        counts.append(len(queries))
        for n in (8, 9):
            made.homeroom_teacher(made.SchoolClassFactory(cohort=two_classes["cohort"], number=n + 10 * _round))
            made.student(two_classes["one"])
            made.subject_teacher(two_classes["one"], subject=f"学科{n}")
    assert counts[0] == counts[1]
