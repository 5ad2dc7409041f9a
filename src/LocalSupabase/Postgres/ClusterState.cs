using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>Where the cluster of a data directory stands and on which port it listened last.</summary>
internal sealed record ClusterState
{
    /// <summary>Set only when the cluster could not stand in the data directory itself.</summary>
    public string? Directory { get; init; }

    public int Port { get; init; }

    public static string DefaultDirectory(string dataDirectory) => Path.Combine(dataDirectory, "postgres");

    /// <summary>True when a cluster was made for this data directory, so its secrets must not be made anew.</summary>
    public static bool ClusterExists(string dataDirectory) =>
        System.IO.Directory.Exists(Load(dataDirectory).DirectoryFor(dataDirectory));

    public string DirectoryFor(string dataDirectory) => Directory ?? DefaultDirectory(dataDirectory);

    /// <summary>An unreadable state costs a new port at most, unless the cluster stands elsewhere; then the secrets' check tells.</summary>
    public static ClusterState Load(string dataDirectory)
    {
        var path = PathIn(dataDirectory);
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ClusterStateJson.Default.ClusterState) ?? new ClusterState()
                : new ClusterState();
        }
        catch (JsonException)
        {
            return new ClusterState();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DataDirectory.Translate(dataDirectory, exception);
        }
    }

    public void Save(string dataDirectory) => DataDirectory.Guard(dataDirectory, () =>
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(this, ClusterStateJson.Default.ClusterState);
        AtomicFile.Write(PathIn(dataDirectory), content, overwrite: true);
        return true;
    });

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postgres.json");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    WriteIndented = true)]
[JsonSerializable(typeof(ClusterState))]
internal sealed partial class ClusterStateJson : JsonSerializerContext;
