"""Pure measurements, one file a family; dropping a file in is the whole registration.

An indicator takes frames and returns a new frame indexed like `villages` with the column ``value`` and,
where they mean something, ``facility_id``, ``facility_name``, ``numerator``, ``denominator``, ``record``,
``doubt`` (why a value is missing), ``reach_m`` (within which distance an unseen facility would change the
value) and ``floor`` (the least the value can be, whatever roads are missing). What the completeness and
the edge of the layers do to the value is added by `gis.measure`, in the same way for all of them.
"""
