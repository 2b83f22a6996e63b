# x
# shellcheck shell=bash
skip_part todo
