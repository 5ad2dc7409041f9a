namespace Platform.LocalSupabase.Postgres;

/// <summary>Where the private PostgreSQL server keeps its data and where its programs come from.</summary>
public sealed class EmbeddedPostgresOptions
{
    /// <summary>The Host's data directory; the cluster stands in its folder <c>postgres</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The folder with <c>initdb</c> and <c>postgres</c>; found by itself when null.</summary>
    public string? BinariesPath { get; init; }

    /// <summary>Server settings on top of the built-in ones, such as <c>shared_buffers</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start may take, crash recovery included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
