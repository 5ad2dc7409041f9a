using System.Buffers.Binary;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Dashboards.Data;

/// <summary>A result as it is kept: its JSON, when the source was asked, and when it was stored.</summary>
internal sealed record CachedResult(ReadOnlyMemory<byte> Json, DateTimeOffset AsOf, DateTimeOffset StoredAt)
{
    private const int HeaderBytes = 16;

    public static CachedResult From(QueryResult result, DateTimeOffset now) =>
        new(JsonSerializer.SerializeToUtf8Bytes(result, PlatformJson.Options), result.AsOf, now);

    /// <summary>The two times as ticks in UTC, then the JSON.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + Json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, AsOf.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), StoredAt.UtcTicks);
        Json.CopyTo(bytes.AsMemory(HeaderBytes));
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null for anything else.</summary>
    public static CachedResult? FromBytes(byte[]? bytes) =>
        bytes is { Length: > HeaderBytes }
            ? new CachedResult(
                bytes.AsMemory(HeaderBytes),
                new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes), TimeSpan.Zero),
                new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)), TimeSpan.Zero))
            : null;

    public QueryResult ToResult() => JsonSerializer.Deserialize<QueryResult>(Json.Span, PlatformJson.Options)!;
}

/// <summary>An answer, and where it came from: <c>hit</c>, <c>miss</c> or <c>stale</c>.</summary>
internal sealed record Answer(CachedResult Result, string Cache)
{
    public const string Hit = "hit";
    public const string Miss = "miss";
    public const string Stale = "stale";
}
