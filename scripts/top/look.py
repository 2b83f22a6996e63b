"""Runs a command on a terminal, waits until it shows a text, and ends it with a key.

usage: look.py COMMAND TEXT KEY

TEXT must appear on the screen. After KEY, the command must succeed and leave the terminal as it was.
"""
import sys

from terminal import Terminal

command, text, key = sys.argv[1:]
terminal = Terminal(["/bin/bash", "-c", f"exec {command}"], 40, 120)
terminal.until(f"it shows {text}", lambda frame: any(text in line for line in frame))
print("\n".join(terminal.frame()))
terminal.type(key)
terminal.ended(key)
