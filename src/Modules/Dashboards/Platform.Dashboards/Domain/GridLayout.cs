using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Domain;

/// <summary>How wide and high, in cells.</summary>
internal readonly record struct GridSize(int Width, int Height);

/// <summary>The upper left cell, from 0.</summary>
internal readonly record struct GridPosition(int X, int Y);

/// <summary>The cells that a widget takes.</summary>
internal readonly record struct GridPlace(int X, int Y, int Width, int Height)
{
    public static GridPlace At(GridPosition position, GridSize size) => new(position.X, position.Y, size.Width, size.Height);

    public bool Overlaps(GridPlace other) =>
        X < other.X + other.Width && other.X < X + Width && Y < other.Y + other.Height && other.Y < Y + Height;
}

/// <summary>The rules of the grid: 24 columns, no overlap.</summary>
internal static class GridLayout
{
    public const int Columns = 24;
    public const int MaxRow = 100_000;
    public const int MaxHeight = 1000;

    /// <summary>The first free row below everything.</summary>
    public static GridPosition Below(IReadOnlyCollection<GridPlace> places) =>
        new(0, places.Count == 0 ? 0 : places.Max(place => place.Y + place.Height));

    public static void RequireFits(GridPlace place, string path) =>
        RuleViolationException.ThrowIf(
            place.X < 0 || place.Width < 1 || place.X > Columns - place.Width
                || place.Y is < 0 or > MaxRow || place.Height is < 1 or > MaxHeight,
            "widget_outside_grid",
            path,
            $"A widget lies within the {Columns} columns of the grid.");

    public static void RequireFree(GridPlace place, IEnumerable<GridPlace> others, string path) =>
        RuleViolationException.ThrowIf(others.Any(place.Overlaps), "widgets_overlap", path, "Another widget is there.");

    public static void RequireNoOverlap(IEnumerable<GridPlace> places)
    {
        var ordered = places.OrderBy(place => place.Y).ToList();
        for (var index = 0; index < ordered.Count; index++)
        {
            var place = ordered[index];
            // Sorted by row, so whatever begins below this one cannot touch it.
            var clash = ordered.Skip(index + 1).TakeWhile(other => other.Y < place.Y + place.Height).Any(place.Overlaps);
            RuleViolationException.ThrowIf(clash, "widgets_overlap", "$", "Two widgets overlap.");
        }
    }
}
