"""What the operating system says, in the words that scripts of every system see."""

import os


def os_error_text(error: OSError | ValueError) -> str:
    """`No such file or directory (os error 2)`; what has no number, in plain words."""
    if isinstance(error, UnicodeDecodeError):
        return "stream did not contain valid UTF-8"
    if isinstance(error, ValueError):
        # Python refuses such names itself.
        return "file name contained an unexpected NUL byte" if "null" in str(error) else "invalid file name"
    if error.errno is None:
        return str(error)
    return f"{os.strerror(error.errno)} (os error {error.errno})"
