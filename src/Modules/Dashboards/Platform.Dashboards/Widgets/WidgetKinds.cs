using System.Text.Json;

namespace Platform.Dashboards.Widgets;

/// <summary>A chart over an axis: line, bar, area, scatter. Config: <c>title, unit, x, y (one or more), series</c>,
/// and how numbers and dates are written (<see cref="Charts.ValueFormat"/>), as of all kinds that show some.</summary>
internal sealed class AxisWidget(string type) : IWidgetType
{
    public string Type => type;

    public bool ShowsData => true;

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement config) =>
        ConfigFaults.Text(config, "title", "unit").Concat(ConfigFaults.Columns(config, "x", "y", "series"))
            .Concat(ConfigFaults.Format(config));
}

/// <summary>Shares of a whole. Config: <c>title, unit, label, value</c>.</summary>
internal sealed class PieWidget : IWidgetType
{
    public string Type => "pie";

    public bool ShowsData => true;

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement config) =>
        ConfigFaults.Text(config, "title", "unit", "label", "value").Concat(ConfigFaults.Format(config));
}

/// <summary>One figure. Config: <c>title, unit, value, compare</c>.</summary>
internal sealed class NumberWidget : IWidgetType
{
    public string Type => "number";

    public bool ShowsData => true;

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement config) =>
        ConfigFaults.Text(config, "title", "unit", "value", "compare").Concat(ConfigFaults.Format(config));
}

/// <summary>Rows as they are. Config: <c>title, columns</c>.</summary>
internal sealed class TableWidget : IWidgetType
{
    public string Type => "table";

    public bool ShowsData => true;

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement config) =>
        ConfigFaults.Text(config, "title").Concat(ConfigFaults.Columns(config, "columns"))
            .Concat(ConfigFaults.Format(config));
}

/// <summary>Words, in Markdown. Config: <c>title, text</c>.</summary>
internal sealed class TextWidget : IWidgetType
{
    public string Type => "text";

    public bool ShowsData => false;

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement config) => ConfigFaults.Text(config, "title", "text");
}
