"""A round's labels for the keys that are stored; a key whose label is gone shows as it is."""

from __future__ import annotations

from typing import Any

from models.round_spec import RoundSpec


class RoundWords:
    """Levels, titles, specialities and sections of one round."""

    def __init__(self, spec: RoundSpec) -> None:
        self.levels: dict[str, Any] = {row.key: row.label for row in spec.levels}
        self.titles: dict[str, Any] = {row.key: row.title for row in spec.levels}
        self.specialities: dict[str, Any] = {row.value: row.label for row in spec.specialities}
        self.sections: dict[str, Any] = {row.key: row.label for row in spec.sections}

    def level(self, key: str) -> Any:
        """正高, 副高, …"""
        return self.levels.get(key, key)

    def title(self, key: str) -> Any:
        """教授, 副教授, …"""
        return self.titles.get(key, key)

    def speciality(self, key: str) -> Any:
        """计算机科学与技术, …"""
        return self.specialities.get(key, key)

    def section(self, key: str) -> Any:
        """教学科研业绩, …"""
        return self.sections.get(key, key)
