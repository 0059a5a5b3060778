-- What the nightly purge did is read by the administrator and written by the machine.

CALL fence.protect('retention_purgerun', '{administrator}');
