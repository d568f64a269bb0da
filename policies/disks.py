"""Disks in a list of block devices, as instances, templates and launch configurations have them."""

from policies.view import View, every_holds


def is_bare(device: View) -> bool:
    """Whether a disk is not encrypted. One that a device mapping takes away is none."""
    return every_holds(
        lambda: not device.flag("encrypted", default=False),
        lambda: not device.flag("noDevice", default=False),
    )
