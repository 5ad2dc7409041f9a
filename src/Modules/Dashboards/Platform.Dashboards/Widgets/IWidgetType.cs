using System.Text.Json;

namespace Platform.Dashboards.Widgets;

/// <summary>A kind of widget: what its config holds, and whether it shows data.</summary>
internal interface IWidgetType
{
    /// <summary>Its name in the API.</summary>
    string Type { get; }

    /// <summary>Whether it shows the rows of a query.</summary>
    bool ShowsData { get; }

    /// <summary>The faults of a config: member path from the config's root, and what is wrong.</summary>
    IEnumerable<(string Path, string Message)> FaultsOf(JsonElement config);
}

/// <summary>The kinds that are registered.</summary>
internal sealed class WidgetTypes(IEnumerable<IWidgetType> types)
{
    private readonly Dictionary<string, IWidgetType> _types = types.ToDictionary(type => type.Type);

    public IEnumerable<string> Names => _types.Keys.Order();

    public IWidgetType? Find(string type) => _types.GetValueOrDefault(type);
}
