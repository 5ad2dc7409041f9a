using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>Draws one kind of widget into the space below its title.</summary>
internal interface IWidgetDrawing
{
    /// <summary>
    /// Draws. Throws an <see cref="UndrawableException"/>, whose sentence stands in the widget's place where its config does not fit its
    /// rows.
    /// </summary>
    /// <param name="canvas">Where to draw.</param>
    /// <param name="area">The space, in units of the canvas.</param>
    /// <param name="widget">What to draw.</param>
    /// <param name="theme">The colours.</param>
    void Draw(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme);
}

/// <summary>The drawing of every kind of widget.</summary>
internal static class WidgetDrawings
{
    private static readonly IReadOnlyDictionary<string, IWidgetDrawing> Known = new Dictionary<string, IWidgetDrawing>
    {
        ["line"] = new AxisChart(),
        ["bar"] = new AxisChart(),
        ["area"] = new AxisChart(),
        ["scatter"] = new AxisChart(),
        ["pie"] = new PieChart(),
        ["number"] = new NumberTile(),
        ["table"] = new TableDrawing(),
        ["text"] = new MarkdownDrawing(),
    };

    public static IWidgetDrawing? Find(string type) => Known.GetValueOrDefault(type);
}
