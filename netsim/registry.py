"""The folder is the registry: each module of a package is a kind, named by its file."""

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from netsim.errors import UsageError, nearest, quote


@dataclass(frozen=True, slots=True)
class Registry:
    """The kinds in the folder of ``package``; ``what`` is the word for one of them in error messages.

    ``separator`` stands in a kind's name where its file's name has an underscore.
    """

    package: str
    what: str
    separator: str = "_"

    def names(self) -> tuple[str, ...]:
        """The kinds in alphabetical order. Files whose names begin with an underscore are none."""
        modules = (module.name for module in iter_modules(import_module(self.package).__path__))
        return tuple(sorted(name.replace("_", self.separator) for name in modules if name[0] != "_"))

    def load(self, name: str) -> ModuleType:
        """The module of a kind; raises UsageError with the nearest name and all names where there is none."""
        known = self.names()
        kind = name.replace("_", self.separator)
        if kind not in known:
            raise UsageError(f"There is no {self.what} {quote(name)}", nearest(name, known))
        return import_module(f"{self.package}.{kind.replace(self.separator, '_')}")
