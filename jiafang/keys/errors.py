"""What can be wrong with a sealed text: nothing a user did, so it fails loudly."""


class SealBroken(Exception):
    """A ciphertext is not what was sealed for this place, or its key is not there."""


class MasterKeyMissing(Exception):
    """A data key lies under a master key that this process was not given."""
