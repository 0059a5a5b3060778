"""Habits of the code that a tool can hold."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from jiafang.access.permissions import permissions
from tests.architecture.source import PACKAGE, ROOT, Module, broken, dotted, modules

LONGEST = 500
# The opener of transactions, and why others may say `atomic` themselves.
ATOMIC = {
    "access/transaction.py": "the opener",
    "access/fence.py": "the owner puts the database's rules in place",
    "organization/services/roster/progress.py": "a connection of its own, seen while the commit is still open",
    "keys/sealing.py": "a row and the key of its text are written together, mostly inside the actor's transaction",
    "keys/secrets.py": "a secret and the first key for it are written together",
    "accounts/services/activate.py": "nobody is signed in yet, so there is no actor",
    "accounts/services/guesses.py": "a guess is counted before anybody is signed in, and stays counted",
    "accounts/services/devices.py": "an account acts on itself, in no capacity",
    "accounts/services/second_factor.py": "an account acts on itself, in no capacity",
}
SIGNALS = ("django.dispatch", "django.db.models.signals")
SIGNALLED = {"config/apps.py": "Django says when it has migrated"}
LAYERS = ["common", "keys", "accounts", "access", "organization", "notifications", "campaigns", "visits", "insight"]


def too_long(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > LONGEST:
        yield f"jiafang/{module.name}: {lines} lines"


def opening_transactions(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        opens = isinstance(node, ast.Attribute) and node.attr in ("atomic", "set_autocommit", "non_atomic_requests")
        if opens and module.name not in ATOMIC:
            yield module.place(node)


def using_signals(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        if module.name not in SIGNALLED and any(name.startswith(SIGNALS) for name in names):
            yield module.place(node)


def services_with_places(module: Module) -> Iterator[str]:
    """A use case (it opens the actor's transaction) is keyword-only and told by whom."""
    if "/services/" not in module.name or module.name.startswith("demonstration/"):
        return
    for node in public_functions(module):
        opens = any(isinstance(n, ast.Call) and dotted(n.func) == "actor_transaction" for n in ast.walk(node))
        named = [argument.arg for argument in node.args.kwonlyargs]
        # A job finds out by its id on whose behalf it works.
        told = "by" in named or named == ["run_id"]
        if opens and (node.args.args or node.args.posonlyargs or not told):
            yield f"{module.place(node)} {node.name}"


def public_functions(module: Module) -> list[ast.FunctionDef]:
    return [node for node in module.tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


@cache
def use_cases() -> frozenset[str]:
    services = [module for module in modules() if "/services/" in module.name]
    return frozenset(
        node.name
        for module in services
        for node in public_functions(module)
        if "by" in [argument.arg for argument in node.args.kwonlyargs]
    )


def services_without_actor(module: Module) -> Iterator[str]:
    """Whoever calls a use case from a page or the API says by whom."""
    if module.name.split("/")[0] not in ("web", "api"):
        return
    imported = {
        alias.asname or alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and ".services" in (node.module or "")
        for alias in node.names
        if alias.name in use_cases()
    }
    for node in ast.walk(module.tree):
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if called in imported and (node.args or "by" not in [keyword.arg for keyword in node.keywords]):
            yield f"{module.place(node)} {called}"


def writing_in_pages(module: Module) -> Iterator[str]:
    """Pages and the API leave writing to the use cases."""
    if module.name.split("/")[0] not in ("web", "api"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            writes = node.func.attr in ("save", "bulk_create", "bulk_update", "get_or_create", "update_or_create")
            creates = node.func.attr in ("create", "delete", "update") and _manager(node.func.value)
            if (writes and dotted(node.func.value) not in ("form", "request.session")) or creates:
                yield f"{module.place(node)} {dotted(node.func)}"


def _manager(node: ast.AST) -> bool:
    return any(part in dotted(node).split(".") for part in ("objects", "unscoped", "scope", "rows"))


def unknown_permissions(module: Module) -> Iterator[str]:
    """A permission that nobody declared is held by nobody: a door that never opens, or a misspelt one."""
    known = permissions()
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        said = [k.value for k in node.keywords if k.arg == "permission"]
        if isinstance(node.func, ast.Name) and node.func.id in ("may", "require"):
            said += node.args[1:2]
        for value in said:
            if isinstance(value, ast.Constant) and value.value and value.value not in known:
                yield f"{module.place(node)} {value.value}"


RULES = [
    too_long,
    opening_transactions,
    using_signals,
    services_with_places,
    services_without_actor,
    writing_in_pages,
    unknown_permissions,
]


@pytest.mark.parametrize("rule", RULES)
def test_the_code_keeps_the_habit(rule) -> None:
    assert broken(rule) == []


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (too_long, "web/x.py", "\n" * (LONGEST + 1)),
        (opening_transactions, "web/x.py", "with transaction.atomic(): pass"),
        (using_signals, "campaigns/x.py", "from django.db.models.signals import post_save"),
        (using_signals, "campaigns/x.py", "from django.db.models import signals"),
        (services_with_places, "a/services/b.py", "def close(*, case):\n    with actor_transaction(by): pass"),
        (services_with_places, "a/services/b.py", "def close(case, *, by):\n    with actor_transaction(by): pass"),
        (
            services_without_actor,
            "web/x.py",
            "from jiafang.organization.services.correct import correct_person\ncorrect_person(person=1)",
        ),
        (writing_in_pages, "web/x.py", "row.save()"),
        (writing_in_pages, "api/x.py", "scope(actor, Duty).filter(pk=1).update(state='met')"),
        (unknown_permissions, "web/x.py", "require(actor, 'campaign.lunch')"),
        (unknown_permissions, "web/x.py", "@gate(permission='campaign.lunch')\ndef view(): pass"),
    ],
)
def test_each_rule_about_the_code_can_fail(rule, name: str, text: str) -> None:
    assert broken(rule, [Module(name, text)])


def test_the_exceptions_for_transactions_are_still_needed() -> None:
    known = {module.name: module.text for module in modules()}
    assert {name for name in ATOMIC if not re.search(r"atomic\(|set_autocommit\(", known.get(name, ""))} == set()


def linted(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_point_down() -> None:
    result = linted(folder=ROOT)
    assert result.returncode == 0, result.stdout


def test_the_rule_about_imports_can_fail_inside_a_function(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").write_text("")
    (house / "upper.py").write_text("")
    (house / "lower.py").write_text("def f():\n    from house import upper\n")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = house\n[importlinter:contract:1]\nname = down\ntype = layers\n"
        "layers =\n    house.upper\n    house.lower\n"
    )
    assert linted(folder=tmp_path).returncode == 1


def test_foreign_keys_point_down() -> None:
    order = {name: place for place, name in enumerate(LAYERS)}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = getattr(field.related_model, "_meta", None)
            if field.auto_created or not field.is_relation or target is None:
                continue
            mine, theirs = order.get(model._meta.app_label), order.get(target.app_label)
            if mine is not None and theirs is not None:
                assert theirs <= mine, f"{model._meta.label}.{field.name} points up to {target.label}"


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_has_a_telling_name() -> None:
    names = [path.stem for path in PACKAGE.glob("*/migrations/0*.py")]
    assert [name for name in names if "_auto_" in name or name[5:].startswith(("alter_", "remove_", "add_"))] == []


def test_no_file_of_the_house_names_the_machine_it_was_written_on() -> None:
    said = ("/wo" + "rk/", "/ro" + "ot/", "/tm" + "p/jf")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    files = [ROOT / name for name in listed.split("\0") if name and not name.endswith((".lock", "lock.json"))]
    read = {path: path.read_text(encoding="utf-8", errors="ignore") for path in files if path.is_file()}
    assert [str(path) for path, text in read.items() if any(one in text for one in said)] == []
