"""The file ``.env`` with which the platform that was made is loaded into.

What belongs here: which variables it needs, and writing them. What doesn't: reading them (``settings``).
"""

import re
import shutil
import tempfile
from pathlib import Path

from dotenv import dotenv_values, set_key, unset_key

from sparkify_dagster.cluster.platform import Platform
from sparkify_dagster.errors import SparkifyError

_OTHER_LOGINS = ("REDSHIFT_PASSWORD", "REDSHIFT_USER", "REDSHIFT_CLUSTER_IDENTIFIER", "REDSHIFT_WORKGROUP")
"""What would contradict the secret, or be taken for another warehouse."""

_PLAIN = re.compile(r"[A-Za-z0-9_./:@!+=,-]*")
"""What means the same with and without quotes, also to what knows none, such as ``docker run --env-file``."""


def variables(platform: Platform, lake: str | None) -> dict[str, str]:
    """The variables that ``sparkify`` needs to load into a platform. No secret is among them.

    Args:
        platform: A platform that is ready.
        lake: The lake; None where the settings name its parts one by one.

    Raises:
        SparkifyError: The warehouse has no address, or AWS does not tell where its password is.
    """
    account, warehouse = platform.owner.account, platform.warehouse
    endpoint = warehouse.endpoint()
    if endpoint.secret_arn is None:
        raise SparkifyError(f"AWS tells no secret of the {warehouse.title}: look at it in the console of AWS.")
    return {
        "SPARKIFY_WAREHOUSE": "redshift",
        **({"SPARKIFY_LAKE": lake} if lake else {}),
        "SPARKIFY_MANIFESTS": platform.manifests,
        "SPARKIFY_CLUSTER": platform.owner.name,
        "REDSHIFT_HOST": endpoint.host,
        "REDSHIFT_PORT": str(endpoint.port),
        "REDSHIFT_DATABASE": platform.database,
        "REDSHIFT_SECRET_ARN": endpoint.secret_arn,
        # So that the same role is looked for when the platform is changed or removed.
        "SPARKIFY_CLUSTER_ROLE": platform.role.name,
        "REDSHIFT_IAM_ROLE_ARN": platform.role.arn,
        "AWS_DEFAULT_REGION": account.region,
    }


def write_environment_file(path: Path, values: dict[str, str]) -> None:
    """Writes variables into a file, which only its owner may read then; its other lines stay as they are.

    The file is replaced at once, so that nobody finds it half written.

    Raises:
        SparkifyError: It can't be written.
    """
    try:
        path = path.resolve()
        with tempfile.TemporaryDirectory(prefix=".sparkify-", dir=path.parent) as folder:
            # Where only its owner gets in.
            draft = Path(folder) / path.name
            if path.exists():
                shutil.copyfile(path, draft)
            _write(draft, values)
            draft.chmod(0o600)
            draft.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise SparkifyError(f"can't write {path} ({why}): name another file by --write-env.") from None


def _write(path: Path, values: dict[str, str]) -> None:
    path.touch()
    for name in set(_OTHER_LOGINS).intersection(dotenv_values(path, interpolate=False)):
        unset_key(path, name)
    for name, value in values.items():
        set_key(path, name, value, quote_mode="never" if _PLAIN.fullmatch(value) else "always")
