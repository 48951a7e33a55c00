"""The questions that people ask of the warehouse: the files of ``sql/questions``.

What belongs here: reading them. What doesn't: asking them, and showing the answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sparkify_dagster.sqlfiles import read_sql, sql_names, statements


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the query that answers it.

    Attributes:
        name: The file's, without its ending.
        title: The question in words: the first line of the file's comment.
        notes: What else the comment says; often "".
        statement: One SELECT in Redshift's dialect; it binds nothing.
    """

    name: str
    title: str
    notes: str
    statement: str


@cache
def questions() -> Mapping[str, Question]:
    """The questions by name, sorted."""
    return MappingProxyType({name: _question(name) for name in sql_names("questions")})


def _question(name: str) -> Question:
    file = f"questions/{name}"
    comment: list[str] = []
    for line in read_sql(file).splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    (statement,) = statements(file)
    return Question(name, title=comment[0], notes=" ".join(comment[1:]), statement=statement)
