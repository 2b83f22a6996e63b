# x
skip_part todo
