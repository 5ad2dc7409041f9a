namespace Platform.Dashboards.Charts;

/// <summary>What the x axis of a chart counts.</summary>
internal enum AxisKind
{
    Number,
    Time,
    Category,
}

/// <summary>A series: its name, and a point for each place on the x axis; NaN where there is none.</summary>
internal sealed record ChartSeries(string Name, double[] Xs, double[] Ys);

/// <summary>What a chart shows.</summary>
/// <param name="Kind">What the x axis counts: numbers, days since 1970, or the places of the categories.</param>
/// <param name="Categories">The names of the places; empty for other axes.</param>
/// <param name="Series">The series.</param>
/// <param name="Note">What is left out, or null.</param>
internal sealed record ChartData(AxisKind Kind, IReadOnlyList<string> Categories, IReadOnlyList<ChartSeries> Series, string? Note = null)
{
    /// <summary>Whether there is a point to draw.</summary>
    public bool HasPoints => Series.Any(series => series.Ys.Any(double.IsFinite));
}
