"""The builder: every instruction carried out, stage by stage, and the image that comes of it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.image.context import hand_over
from tests.image.dockerfile import EXPANDED, Instruction, Unreadable, filled_in, read
from tests.image.room import Room

BASES = {"python": False, "node": True}  # by the name of the base image: whether it has Node


@dataclass
class Stage:
    room: Room
    base: str
    folder: str = "/"
    user: str = "0:0"
    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    volumes: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    entry_point: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    stop_signal: str = "SIGTERM"
    ports: list[str] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        return {**self.arguments, **self.environment}

    @property
    def ids(self) -> tuple[int, int]:
        user, group = self.user.split(":")
        return int(user), int(group)


class Builder:
    def __init__(self, project: Path, work: Path, cache: Path, **arguments: str) -> None:
        self.project, self.work, self.cache, self.given = project, work, cache, arguments
        self.global_arguments: dict[str, str] = {}
        self.stages: dict[str, Stage] = {}
        self.context = work / "context"
        self.stage: Stage | None = None

    def build(self) -> Stage:
        hand_over(self.project, self.context)
        for instruction in read((self.project / "docker" / "Dockerfile").read_text()):
            self._carry_out(instruction)
        assert self.stage
        return self.stage

    def _carry_out(self, instruction: Instruction) -> None:
        if instruction.name == "FROM":
            self._from(instruction)
        elif self.stage is None:
            if instruction.name != "ARG":
                raise Unreadable(f"{instruction.name} before FROM")
            name, _equals, value = instruction.rest.partition("=")
            self.global_arguments[name] = self.given.get(name, value)
        else:
            if instruction.name in EXPANDED:
                rest = filled_in(instruction.rest, self.stage.variables)
                instruction = Instruction(instruction.name, rest, instruction.flags)
            getattr(self, f"_{instruction.name.lower()}")(instruction, self.stage)

    def _from(self, instruction: Instruction) -> None:
        image, *name = filled_in(instruction.rest, self.global_arguments).split(" AS ")
        kind = image.split(":")[0].rsplit("/")[-1]
        title = name[0] if name else "final"
        room = Room(self.work / title, has_node=BASES[kind], cache=self.cache)
        room.furnish()
        self.stage = self.stages[title] = Stage(room, image)

    def _arg(self, instruction: Instruction, stage: Stage) -> None:
        name, _equals, value = instruction.rest.partition("=")
        stage.arguments[name] = self.given.get(name, value)

    def _env(self, instruction: Instruction, stage: Stage) -> None:
        for word in instruction.words:
            name, equals, value = word.partition("=")
            if not equals:
                raise Unreadable(f"ENV {instruction.rest}")
            stage.environment[name] = value

    def _workdir(self, instruction: Instruction, stage: Stage) -> None:
        stage.folder = str(PurePosixPath(stage.folder) / instruction.rest)
        stage.room.inside(stage.folder).mkdir(parents=True, exist_ok=True)

    def _copy(self, instruction: Instruction, stage: Stage) -> None:
        """A folder's content, or files; to the letter, symbolic links as such."""
        if unknown := set(instruction.flags) - {"from"}:
            raise Unreadable(f"COPY {unknown}")
        *sources, target = instruction.words
        whence = (
            self.stages[instruction.flags["from"]].room.folder
            if instruction.flags
            else self.context
        )
        to = stage.room.inside(str(PurePosixPath(stage.folder) / target))
        for source in sources:
            path = whence / source.lstrip("/")
            if path.is_dir():
                # Between stages by links: nothing of it is changed afterwards, and it is a third of a gigabyte.
                copy = os.link if instruction.flags else shutil.copy2
                shutil.copytree(path, to, symlinks=True, dirs_exist_ok=True, copy_function=copy)
            elif path.is_file():
                within = to / path.name if target.endswith("/") else to
                within.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, within)
            else:
                raise FileNotFoundError(f"COPY {source}: .dockerignore does not let it through")

    def _run(self, instruction: Instruction, stage: Stage) -> None:
        caches = []
        if mount := instruction.flags.get("mount"):
            kind, target = mount.split(",")
            if kind != "type=cache" or not target.startswith("target=/"):
                raise Unreadable(f"RUN --mount={mount}")
            caches = [target.removeprefix("target=")]
        stage.room.run(
            ["/bin/sh", "-c", instruction.rest],
            folder=stage.folder,
            environment=stage.variables,
            caches=caches,
        )

    def _user(self, instruction: Instruction, stage: Stage) -> None:
        stage.user = instruction.rest

    def _volume(self, instruction: Instruction, stage: Stage) -> None:
        stage.volumes += instruction.words

    def _expose(self, instruction: Instruction, stage: Stage) -> None:
        stage.ports += instruction.words

    def _stopsignal(self, instruction: Instruction, stage: Stage) -> None:
        stage.stop_signal = instruction.rest

    def _healthcheck(self, instruction: Instruction, stage: Stage) -> None:
        known = {"interval", "timeout", "start-period", "start-interval", "retries"}
        if set(instruction.flags) - known or not instruction.rest.startswith("CMD "):
            raise Unreadable(f"HEALTHCHECK {instruction.rest}")
        stage.health = Instruction("CMD", instruction.rest.removeprefix("CMD ")).command

    def _entrypoint(self, instruction: Instruction, stage: Stage) -> None:
        stage.entry_point = instruction.command

    def _cmd(self, instruction: Instruction, stage: Stage) -> None:
        stage.command = instruction.command


def data_volume(stage: Stage, folder: Path) -> dict[str, Path]:
    """A new named volume for each VOLUME: owned and filled as the image has it."""
    volumes = {}
    for target in stage.volumes:
        source = stage.room.inside(target)
        volume = folder / target.strip("/")
        shutil.copytree(source, volume, symlinks=True)
        status = source.stat()
        os.chown(volume, status.st_uid, status.st_gid)
        volumes[target] = volume
    return volumes
