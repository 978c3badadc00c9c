"""Every length, duration and count of the look, as frozen dataclasses. Lengths in px at 1x, scene units at zoom 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Space:
    unit: int
    xs: int
    s: int
    m: int
    l: int  # noqa: E741  the token's own name
    xl: int
    xxl: int


@dataclass(frozen=True)
class Radii:
    field: int
    button: int
    tile: int
    node: int
    popup: int
    frame: int
    pill: int


@dataclass(frozen=True)
class Lines:
    hairline: int
    border: int
    selection: int
    focus: int
    focus_gap: int
    wire: int
    wire_hover: float
    wire_path: float
    plot: int


@dataclass(frozen=True)
class Shadow:
    dy: int
    blur: int


@dataclass(frozen=True)
class Elevation:
    node: Shadow
    node_drag: Shadow
    popup: Shadow


@dataclass(frozen=True)
class Control:
    height: int
    height_small: int
    row: int
    toolbar: int
    tab: int
    status: int
    icon: int
    target_min: int


@dataclass(frozen=True)
class NodeMetrics:
    snap: int
    grid: int
    width: int
    width_min: int
    width_max: int
    name_max: int
    header: int
    tile: int
    tile_inset: int
    glyph: int
    title_x: int
    title_baseline: int
    kind_baseline: int
    row: int
    row_pad: int
    field_h: int
    field_min_w: int
    footer: int
    port_r: int
    port_hit: int
    port_y: int
    port_pitch: int
    chip_h: int
    chip_gap: int
    chip_pad: int
    badge: int
    stack_dy: int
    stack_inset: int
    gap_x: int
    gap_y: int
    frame_title: int
    frame_pad: int
    frame_fill_alpha: float
    frame_border_alpha: float
    selection_outset: int
    halo_outset: int
    halo_alpha: float
    problem_badge: int
    running_bar: int


@dataclass(frozen=True)
class WireMetrics:
    ctrl_min: int
    ctrl_max: int
    corner: int
    dash_invalid: tuple[int, ...]
    dash_muted: tuple[int, ...]
    reroute_r: int
    label_min_length: int
    back_out: int
    back_in: int
    casing: int
    heat_casing: float
    heat_width: float


@dataclass(frozen=True)
class Lod:
    """Levels of detail; `full` and `compact` are the zooms at which they begin."""

    full: float
    compact: float
    compact_title_px: int
    compact_shape_px: int
    tile: int
    compact_band: int
    far_name_px: int
    frame_title_min_band: int
    far_frame_title_px: int
    far_name_min_w: int
    zoom_min: float
    zoom_max: float
    zoom_step: float


@dataclass(frozen=True)
class Motion:
    """Durations in ms; ask `theme.duration("fast")`, which knows about reduced motion."""

    instant: int
    fast: int
    normal: int
    slow: int
    easing: str
    hover_delay_tooltip: int
    toast: int
    heat_hz: int
    plot_hz: int


@dataclass(frozen=True)
class WindowLayout:
    rail: int
    palette: int
    palette_open: bool
    right: int
    inspector: int
    bottom: int
    menu: int
    toolbar: int
    status: int


@dataclass(frozen=True)
class Layouts:
    """`large` from 1440x900, `small` from 1280x720."""

    large: WindowLayout
    small: WindowLayout


@dataclass(frozen=True)
class Popup:
    search_w: int
    search_row: int
    palette_w: int
    tooltip_max_w: int
    toast_w_max: int
    dialog_w: int


@dataclass(frozen=True)
class PlotMetrics:
    """What a plot is drawn with beyond the tokens."""

    header: int = 24  # title and legend
    footer: int = 22  # labels of the x axis
    right: int = 8
    label_gap: int = 6
    legend_line: int = 18
    legend_gap: int = 12
    legend_most: int = 160  # a longer name of a curve is cut in its middle
    raw_alpha: float = 0.38
    strong: float = 2.0  # smoothed curves, and curves of few points
    few_points: int = 200
    disc_r: float = 3.0
    tick: float = 5.0  # a step that is marked without words
    disc_pitch: float = 7.0  # discs nearer than this are left out
    heat_row: int = 13  # rows lower than this are named every n-th
    heat_row_max: int = 24
    heat_gap_alpha: float = 0.55
    legend_bar: int = 10
    names_max: float = 0.4  # of the width, for the names of the rows
    hatch: int = 6
    tile_gap: int = 2  # between the images of a grid
    tile_max: int = 132  # an image of a grid is drawn no larger
    spread_axis: int = 52  # left of a distribution over time, for its labels
    ridges: int = 9  # moments of a ridge plot
    ridge_overlap: float = 2.2  # how many rows the highest ridge reaches over
    dot_r: float = 2.5  # of a point in a scatter
    bar_min: float = 1.0
    side_least: int = 120
    share_bar: int = 12  # a bar of parts of a whole
    share_row: int = 18
    share_mark: int = 8
    spark_w: int = 92
    spark_h: int = 20


@dataclass(frozen=True)
class WidgetMetrics:
    """What the window's own widgets are drawn with beyond the tokens."""

    inspector_tile: int = 32
    inspector_value: int = 156
    rate: int = 88
    range_plot: int = 220
    summary_narrow: int = 360  # below this the summary has no column for FLOPs
    recipe_value: int = 120
    recipe_column: int = 216  # the least; columns that do not fit side by side go under one another
    recipe_column_max: int = 320
    loss_plot: int = 270
    metric_plot: int = 190
    shares: int = 200  # parts of a whole with their names
    time_wide: int = 1200  # below this the Time panel leaves its curves out
    plots_narrow: int = 900  # below this the metric shares its place with the loss
    plots_narrowest: int = 640  # below this the map does so too
    run_column: int = 84
    run_column_min: int = 40
    run_columns: tuple[tuple[str, int], ...] = (("name", 168), ("state", 104), ("tags", 104), ("created", 104))
    run_plot: int = 320
    run_list: tuple[int, int] = (280, 320)  # the columns to choose from
    run_script: tuple[int, int] = (860, 640)
    run_diff: tuple[int, int] = (1120, 680)
    run_diff_table: int = 360
    matrix_w: int = 1120  # the map of all layers in a window of its own
    matrix_h: int = 760
    mark: int = 16
    progress: int = 4
    scrollbar: int = 10
    scrollbar_min: int = 24
    splitter: int = 1
    check: int = 16
    tab_line: int = 2
    project_tab_min: int = 148
    project_tab_max: int = 232
    minimap_w: int = 164
    minimap_h: int = 102
    sample_w: int = 176  # of the column with the sample that is looked at
    sample_h: int = 96
    page_picture: int = 600  # no picture of the manual is wider, so that a page needs no scrolling sideways
    probe_w: int = 168
    code_fade: int = 36
    problem_column: int = 180


@dataclass(frozen=True)
class CanvasMetrics:
    """What the canvas is drawn with beyond the tokens."""

    grid_dot: float = 1.5
    grid_off: float = 0.4  # no dots below this zoom
    pad: int = 12  # right of a name, around a footer's text
    body_pad: int = 4  # above and below the rows
    field_pad: int = 8
    shadow_margin: int = 24  # around a node: halo, badge, shadow, cards behind
    port_ring: float = 1.0
    port_pen: float = 2.0
    port_optional_r: float = 3.5
    port_hover_r: float = 6.0
    port_halo: float = 4.0
    port_halo_alpha: float = 0.3
    port_dot_r: float = 2.0
    many_w: int = 10
    many_h: int = 22
    many_step: int = 12
    plus: float = 2.5
    problem_pen: float = 1.5
    badge_ring: float = 2.0
    focus_outset: int = 5
    focus_dash: tuple[int, ...] = (4, 3)
    ghost: float = 0.45  # what cannot take a wire while one is dragged
    snap_port: int = 24
    guide_reach: int = 5  # so near to being level with another, what is dragged goes there
    muted_border: tuple[int, int] = (4, 3)
    diff_bar: int = 4
    removed: float = 0.4  # what is gone, while two projects are compared
    pick: int = 6  # a wire is under the pointer within this distance
    far_wire: int = 1
    far_wire_min: int = 4
    compact_wire: float = 1.5
    compact_radius: float = 5.0
    compact_shape_min: int = 34
    compact_pad: int = 6
    far_radius: float = 2.0
    far_problem: int = 12
    far_name_h: int = 14
    stack_cards: int = 2
    stripe: int = 8  # of the header of code that is not trusted
    stripe_alpha: float = 0.22
    chip_room: int = 24  # between a chip and the next node
    bend_room: int = 64  # across, that a wire to another height keeps for its curve
    bundle_from: int = 480  # wires of one output that reach further share a lane
    redraw_most: int = 64  # more nodes than this are painted anew with all that is on screen
    glide_most: int = 400  # of more layers than this the wires do not find their ways anew on each step of a glide
    chip_again: int = 600  # a wire's run that is longer shows its shape a second time
    card_gap: int = 10
    card_mark: int = 20
    drag_threshold: int = 4
    scrub_step: int = 8  # px of horizontal drag for one step of a number
    scrub_fine: float = 0.1  # of a step, while Shift is held
    scrub_coarse: float = 10.0
    edge_pan: int = 16  # so near to the edge of the view the picture moves along with what is dragged
    edge_pan_most: float = 24.0  # px in a frame
    fit_margin: int = 48
    fold_share: float = 1.2  # of the view's width: lines this long still read when they are fitted into it
    fit_max_zoom: float = 1.0
    overlay_gap: int = 12
    minimap_faded: float = 0.4
    flag_w: int = 88  # a probe on a wire
    flag_h: int = 36
    legend_w: int = 124
    legend_bar: int = 10
    frame_edge: int = 8  # grip for resizing
    note_w: int = 168
    note_h: int = 72
    frame_w: int = 320
    frame_h: int = 208
    nudge: int = 8
    paste_offset: int = 32


@dataclass(frozen=True)
class Metrics:
    space: Space
    radius: Radii
    line: Lines
    elevation: Elevation
    control: Control
    node: NodeMetrics
    wire: WireMetrics
    lod: Lod
    motion: Motion
    layout: Layouts
    popup: Popup
    plot: PlotMetrics = PlotMetrics()
    widget: WidgetMetrics = WidgetMetrics()
    canvas: CanvasMetrics = CanvasMetrics()


@dataclass(frozen=True)
class TypeScale:
    """One role of type: size and line height in px, weight from 100 to 900."""

    px: int
    weight: int
    line: int


@dataclass(frozen=True)
class TypeScales:
    display: TypeScale
    title: TypeScale
    heading: TypeScale
    body: TypeScale
    body_strong: TypeScale
    small: TypeScale
    caption: TypeScale
    caption_strong: TypeScale
    mono: TypeScale
    mono_small: TypeScale


@dataclass(frozen=True)
class Fonts:
    ui: tuple[str, ...]
    mono: tuple[str, ...]
    scale: TypeScales
    minimum_px: int
    tabular_figures: bool
