"""What every command that reads infrastructure code takes, and what becomes of it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osreach.configuration import Configuration
    from osreach.iac.resource import Inputs


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Adds the options for values that the code does not hold, and for how it is read."""
    inputs = parser.add_argument_group("what the code does not say")
    inputs.add_argument(
        "--var", metavar="NAME=VALUE", action="append", default=[], help="a Terraform variable"
    )
    inputs.add_argument(
        "--var-file", metavar="FILE", action="append", default=[], help="a file of Terraform variables"
    )
    inputs.add_argument(
        "--parameter", metavar="NAME=VALUE", action="append", default=[], help="a CloudFormation parameter"
    )
    inputs.add_argument("--account", metavar="ID", help="the AWS account, 12 digits")
    inputs.add_argument("--region", metavar="NAME", help="the AWS region")
    inputs.add_argument("--partition", metavar="NAME", help="the AWS partition (aws, aws-cn, aws-us-gov)")
    reading = parser.add_argument_group("reading")
    reading.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration (default: osreach.toml, else [tool.osreach] in pyproject.toml, "
        "looked for from the first PATH upwards within the repository)",
    )
    reading.add_argument(
        "--jobs", metavar="N", type=int, help="accepted; one process reads thousands of files in seconds"
    )
    reading.add_argument(
        "--no-cache",
        action="store_true",
        help="read everything anew, and keep nothing of it for the next run",
    )


def existing(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths to read, `.` where none is given. Raises UsageError for one that is not there."""
    import os  # noqa: PLC0415 - `--help` needs none of what follows

    from osreach.usage import UsageError  # noqa: PLC0415

    for path in paths:
        # A link to nowhere is not there either.
        if not os.path.exists(path):  # noqa: PTH110 - an empty text is no path, but `Path("")` is the folder
            raise UsageError(f"`{path}` does not exist")
    return tuple(paths) or (".",)


def configuration_of(named: str | None, first: str) -> Configuration:
    """The configuration that was named or is found for the first path; an empty one where there is none."""
    from pathlib import Path  # noqa: PLC0415

    from osreach.configuration import Configuration, find_configuration, read_configuration  # noqa: PLC0415

    path = Path(named) if named is not None else find_configuration(Path(first))
    return Configuration() if path is None else read_configuration(path)


def inputs_of(arguments: argparse.Namespace, configuration: Configuration) -> Inputs:
    """What the user says about the deployment; the command line wins over the configuration."""
    import re  # noqa: PLC0415

    from osreach.iac.resource import Inputs  # noqa: PLC0415
    from osreach.usage import UsageError  # noqa: PLC0415

    if arguments.account is not None and not re.fullmatch(r"[0-9]{12}", arguments.account):
        raise UsageError(f"`--account {arguments.account}` is not an account id of 12 digits")
    for file in arguments.var_file:
        existing([file])
    region, partition = (
        arguments.region or configuration.region,
        arguments.partition or configuration.partition,
    )
    _check_place(region, partition)
    return Inputs(
        variables={**configuration.variables, **_pairs(arguments.var, "--var")},
        variable_files=(*configuration.variable_files, *arguments.var_file),
        parameters={**configuration.parameters, **_pairs(arguments.parameter, "--parameter")},
        account=arguments.account or configuration.account,
        region=region,
        partition=partition,
    )


def _check_place(region: str | None, partition: str | None) -> None:
    """Raises UsageError for a region or a partition that is none: with a wrong one every ARN is foreign."""
    if region is None and partition is None:
        return
    from osreach.data.partitions import partition_of_region, partitions  # noqa: PLC0415
    from osreach.usage import UsageError, nearest  # noqa: PLC0415

    if partition is not None and partition not in partitions():
        raise UsageError(f"`{partition}` is no partition of AWS{nearest(partition, partitions())}")
    home = None if region is None else partition_of_region(region)
    if region is not None and home is None:
        raise UsageError(f"`{region}` is no region of AWS")
    if home is not None and partition not in {None, home.name}:
        raise UsageError(f"the region `{region}` is in the partition `{home.name}`, not in `{partition}`")


def _pairs(written: Sequence[str], option: str) -> dict[str, str]:
    from osreach.usage import UsageError  # noqa: PLC0415

    found: dict[str, str] = {}
    for pair in written:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"`{option} {pair}` is not of the form `NAME=VALUE`")
        found[name.strip()] = value
    return found


def check_job_count(wanted: int | None) -> None:
    """Raises UsageError for a number of processes that cannot be; the number has no effect yet."""
    from osreach.usage import UsageError  # noqa: PLC0415

    if wanted is not None and wanted < 1:
        raise UsageError(f"`--jobs {wanted}` is less than one")


def read_text(path: str) -> str:
    """The text of a file that the user named. Raises UsageError where it cannot be read."""
    from pathlib import Path  # noqa: PLC0415

    from osreach.usage import UsageError  # noqa: PLC0415

    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"`{path}` is not UTF-8") from None
