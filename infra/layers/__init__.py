"""The layers: each turns settings, guide and the layers below it into one component's arguments.

No layer decides anything that a reader of the stack file or of the guide would want to find there.
"""
