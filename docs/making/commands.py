"""The page of the commands, from the command line itself.

What belongs here: walking the commands, and what of each is told. What doesn't: the commands.
"""

from collections.abc import Iterator

import click

from docs.making.markdown import block, code, page, table
from sparkify_dagster.cli.commands import cli


def commands_page() -> str:
    """Every command, with every argument and option."""
    return page(
        "Commands",
        "sparkify_dagster/cli",
        "What `sparkify` can do; `--help` after a command says the same. In a checkout it is `.venv/bin/sparkify`. "
        "A command that could not do what it was asked to ends with one line that says why, and an exit code that is "
        "not 0. What it tells goes to standard output, its progress to standard error.",
        table(("command", "what it does"), ((_link(name), _summary(command)) for name, command in _leaves())),
        *(part for name, command in _leaves() for part in _described(name, command)),
    )


def _leaves() -> list[tuple[str, click.Command]]:
    return list(_walk("sparkify", cli))


def _walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command, info_name=name)
    for word in command.list_commands(context):
        found = command.get_command(context, word)
        if found is not None and not found.hidden:
            yield from _walk(f"{name} {word}", found)


def _link(name: str) -> str:
    return f"[{name}](#{name.replace(' ', '-')})"


def _summary(command: click.Command) -> str:
    return (command.help or "").strip().split("\n\n", maxsplit=1)[0]


def _described(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    yield f"## {name}"
    yield _plain(command.help or "")
    yield block("text", " ".join([name, *command.collect_usage_pieces(context)]))
    options = [
        parameter for parameter in command.params if isinstance(parameter, click.Option) and not parameter.hidden
    ]
    if options:
        yield table(("option", "meaning", "default"), (_option(option, context) for option in options))


def _plain(text: str) -> str:
    """The help, without click's mark for paragraphs that it must not wrap."""
    return "\n".join(line.strip() for line in text.replace("\b", "").strip().splitlines())


def _option(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    names = ", ".join(map(code, [*option.opts, *option.secondary_opts]))
    value = "" if option.is_flag else f" {code(option.make_metavar(context).removesuffix(' RANGE'))}"
    default = option.get_default(context, call=False)
    is_shown = isinstance(default, str | int | float) and not option.is_flag and not option.multiple
    more = " May be repeated." if option.multiple else ""
    return names + value, f"{option.help or ''}{more}", code(str(default)) if is_shown else ""
