"""Published facts about AWS as data: actions, managed policies, partitions.

The JSON files are made by `bench/make_data.py`; each begins with a header that
names the packages, versions and licences it comes from, and the day. `NOTICE`
holds the licences' texts. Nothing is read before it is asked for.
"""
