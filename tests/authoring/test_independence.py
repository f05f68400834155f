"""What authors build on knows nothing of pages, jobs or the store."""

import ast
from pathlib import Path

import webapp.authoring

ALLOWED = ("webapp.authoring", "webapp.intake.words")


def test_authoring_imports_nothing_else_of_the_desk() -> None:
    folder = Path(webapp.authoring.__file__).parent
    imported = {
        (file.name, node.module)
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("webapp")
    }
    assert len(imported) > 20
    assert {(name, module) for name, module in imported if not str(module).startswith(ALLOWED)} == set()
