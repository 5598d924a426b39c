"""The verbs of the tree, of posts and of the ledger; only they write rows of this app."""

from grids.services.boundaries import Overlap, import_boundaries, set_boundary, set_centre
from grids.services.health import TreeFault, rebuild_tree, tree_faults
from grids.services.levels import name_level
from grids.services.posts import appoint, end_post, end_sponsorship, may_edit_post, roles_given_by, sponsor
from grids.services.sources import SourceDraft, register_source, update_source
from grids.services.tree import (
    GridRow,
    create_grid,
    import_tree,
    move_grid,
    rename_grid,
    restore_grid,
    retire_grid,
)

__all__ = [
    "GridRow",
    "Overlap",
    "SourceDraft",
    "TreeFault",
    "appoint",
    "create_grid",
    "end_post",
    "end_sponsorship",
    "import_boundaries",
    "import_tree",
    "may_edit_post",
    "move_grid",
    "name_level",
    "rebuild_tree",
    "register_source",
    "rename_grid",
    "restore_grid",
    "retire_grid",
    "roles_given_by",
    "set_boundary",
    "set_centre",
    "sponsor",
    "tree_faults",
    "update_source",
]
