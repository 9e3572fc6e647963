"""Pure measurements, one file a family; dropping a file in is the whole registration.

An indicator takes frames and returns a new frame indexed like `villages` with the column ``value`` and,
where they mean something, ``facility_id``, ``facility_name``, ``numerator``, ``denominator``, ``record``,
``low`` and ``high`` (the least and the most it can be, by what its own inputs leave blank; see `doubts`),
``doubt`` (why they differ or the value is missing) and ``doubt_of`` (which parameter that is about),
``reach_m`` (within which distance an unseen facility would change the value) and ``floor`` (the least the
value can be, whatever roads are missing). What the completeness and the edge of the layers do to the value
is added by `gis.measure`, in the same way for all of them.
"""
