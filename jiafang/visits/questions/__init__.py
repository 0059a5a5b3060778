"""Questions that a bureau or a school adds to the record: read from an XLSForm, asked on the phone, checked here."""
