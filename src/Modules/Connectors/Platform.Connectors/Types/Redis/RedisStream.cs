using System.Runtime.CompilerServices;
using System.Text.Json;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.Redis;

/// <summary>Reads all keys of a group as rows: a row a hash or string, and a row a member of everything else.</summary>
internal static class RedisStream
{
    private const int BatchBytes = 4 * 1024 * 1024;
    private const int MaxValueBytes = 32 * 1024 * 1024;
    private const int MaxItems = 1_000_000;

    public static async IAsyncEnumerable<RowBatch> ReadAsync(
        RedisSession session, RedisKeyGroup group, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = RowBuffer.ForLines(int.MaxValue, BatchBytes);
        string[] options = ["MATCH", group.Pattern, "TYPE", group.Kind];
        await foreach (var page in RedisScan.PagesAsync(session, ["SCAN"], options, MaxValueBytes, cancellationToken))
        {
            // MATCH's star also matches colons: user:* finds user:1:cart, which is of another group.
            foreach (var key in page.Select(key => key.Text).Where(key => RedisKeys.PatternOf(key) == group.Pattern))
            {
                await AddKeyAsync(session, group.Kind, key, lines, cancellationToken);
                if (lines.IsFull)
                {
                    var count = lines.Count;
                    yield return new RowBatch(null, lines.TakeLines(), count, null);
                }
            }
        }

        var rest = lines.Count;
        yield return new RowBatch(null, lines.TakeLines(), rest, null);
    }

    private static async Task AddKeyAsync(
        RedisSession session, string kind, string key, RowBuffer lines, CancellationToken cancellationToken)
    {
        string[] command = kind switch
        {
            "hash" => ["HGETALL", key],
            "string" => ["GET", key],
            "list" => ["LRANGE", key, "0", "-1"],
            "set" => ["SMEMBERS", key],
            "zset" => ["ZRANGE", key, "0", "-1", "WITHSCORES"],
            _ => ["XRANGE", key, "-", "+"],
        };
        var reply = await session.AskAsync(command, MaxItems, MaxValueBytes, cancellationToken);
        if (session.IsCut)
        {
            throw new SourceException(SourceFailure.QueryTooLarge, $"A key of the stream has more than {MaxValueBytes >> 20} MB.");
        }

        var items = reply.Items ?? [];
        switch (kind)
        {
            // Gone since it was found.
            case "hash" when items.Count == 0:
            case "string" when reply.IsNothing:
                return;
            case "hash":
                AddRow(lines, key, writer => WriteFields(writer, items));
                return;
            case "string":
                AddRow(lines, key, writer => writer.WriteString("value", reply.Text));
                return;
            case "zset":
                foreach (var pair in items.Chunk(2))
                {
                    AddRow(lines, key, writer =>
                    {
                        writer.WriteString("member", pair[0].Text);
                        writer.WritePropertyName("score");
                        RedisJson.Write(writer, pair[1], isScore: true);
                    });
                }

                return;
            default:
                AddItems(lines, kind, key, items);
                return;
        }
    }

    private static void AddItems(RowBuffer lines, string kind, string key, IReadOnlyList<RespValue> items)
    {
        for (var position = 0; position < items.Count; position++)
        {
            var item = items[position];
            AddRow(lines, key, writer =>
            {
                switch (kind)
                {
                    case "list":
                        writer.WriteNumber("position", position);
                        writer.WriteString("value", item.Text);
                        break;
                    case "set":
                        writer.WriteString("member", item.Text);
                        break;
                    default:
                        writer.WriteString("id", item.Items?[0].Text);
                        writer.WritePropertyName("fields");
                        RedisJson.WriteFields(writer, item.Items?[1].Items ?? []);
                        break;
                }
            });
        }
    }

    // A field may be called key, too.
    private static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<RespValue> items)
    {
        var pairs = items.Chunk(2).Where(pair => pair.Length == 2).ToList();
        var names = DatasetColumns.Distinct(pairs.Select(pair => pair[0].Text).Prepend("key"));
        foreach (var (name, pair) in names.Skip(1).Zip(pairs))
        {
            writer.WriteString(name, pair[1].Text);
        }
    }

    private static void AddRow(RowBuffer lines, string key, Action<Utf8JsonWriter> write)
    {
        var writer = lines.BeginRow();
        writer.WriteStartObject();
        writer.WriteString("key", key);
        write(writer);
        writer.WriteEndObject();
        lines.TryAddRow();
    }
}
