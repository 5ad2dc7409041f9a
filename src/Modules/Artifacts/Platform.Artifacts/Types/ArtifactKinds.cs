using System.Text.Json;

namespace Platform.Artifacts.Types;

/// <summary>A kind of artifact: what its data holds.</summary>
internal interface IArtifactType
{
    /// <summary>Its name in the API.</summary>
    string Type { get; }

    /// <summary>What is wrong with the data: the member's path and words; nothing where it fits.</summary>
    IEnumerable<(string Path, string Message)> FaultsOf(JsonElement data);
}

/// <summary>Rows: <c>columns</c> and <c>rows</c>, as a query result has them.</summary>
internal sealed class TableArtifact : IArtifactType
{
    private static readonly string[] Arrays = ["columns", "rows"];

    public string Type => "table";

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement data) =>
        from member in Arrays
        where !data.TryGetProperty(member, out var value) || value.ValueKind != JsonValueKind.Array
        select (member, "Must be an array.");
}

/// <summary>A chart: <c>type</c> (a widget's), its <c>config</c>, and the <c>columns</c> and <c>rows</c> that it shows.</summary>
internal sealed class ChartArtifact : IArtifactType
{
    public string Type => "chart";

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement data)
    {
        if (!data.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            yield return ("type", "Must be the type of a widget.");
        }
    }
}

/// <summary>Anything else that is JSON: documents, code, queries.</summary>
internal sealed class FreeArtifact(string type) : IArtifactType
{
    public string Type => type;

    public IEnumerable<(string Path, string Message)> FaultsOf(JsonElement data) => [];
}

/// <summary>The kinds that are registered.</summary>
internal sealed class ArtifactTypes(IEnumerable<IArtifactType> types)
{
    private readonly Dictionary<string, IArtifactType> _types = types.ToDictionary(type => type.Type);

    public IEnumerable<string> Names => _types.Keys.Order();

    public IArtifactType? Find(string type) => _types.GetValueOrDefault(type);
}
