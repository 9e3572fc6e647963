"""An invented upland district of any size, written as the files a real study would have.

Nothing in it is real: the ground, the names and the figures are drawn from a seed. It serves to try the
product, to teach with and to test; a study made here says `illustration: true`.
"""

from gis.sample.district import make_sample

__all__ = ["make_sample"]
