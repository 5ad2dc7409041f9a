using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Platform.LocalSupabase.Realtime.Channels;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>
/// Brings changes to their subscribers, in commit order. Subscribers with equal role and claims share one question to the database for
/// all rows of a batch, and all who see the same columns share one document.
/// </summary>
internal sealed class ChangeDispatcher(RelationCatalog catalog, RowVisibility visibility)
{
    private readonly ConcurrentDictionary<Guid, RealtimeChannel> _channels = new();

    private readonly record struct Delivery(RealtimeChannel Channel, int Place, int[] Ids, IReadOnlySet<string>? Columns);

    public ICollection<RealtimeChannel> Channels => _channels.Values;

    public void Add(RealtimeChannel channel) => _channels[channel.Id] = channel;

    public void Remove(RealtimeChannel channel) => _channels.TryRemove(channel.Id, out _);

    public async Task DispatchAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var deliveries = Match(changes);
        if (deliveries.Count == 0)
        {
            return;
        }

        var permitted = new HashSet<(Guid Channel, int Place)>();
        foreach (var group in deliveries.GroupBy(delivery => (delivery.Channel.Identity.Role, delivery.Channel.Identity.Claims)))
        {
            var identity = group.First().Channel.Identity;
            var visible = await VisibleAsync(identity, changes, group.Select(delivery => delivery.Place).Distinct(), cancellationToken);
            permitted.UnionWith(group.Where(delivery => visible.Contains(delivery.Place)).Select(delivery => (delivery.Channel.Id, delivery.Place)));
        }

        var documents = new Dictionary<(int Place, string Role, string Columns), ReadOnlyMemory<byte>>();
        var frames = new Dictionary<(int Place, string Role, string Columns, string Ids, string Topic, int Version), OutboundFrame>();
        foreach (var delivery in deliveries.Where(delivery => permitted.Contains((delivery.Channel.Id, delivery.Place))).OrderBy(delivery => delivery.Place))
        {
            var (channel, change) = (delivery.Channel, changes[delivery.Place]);
            var (role, columns) = (channel.Identity.Role, delivery.Columns is null ? "*" : string.Join('\0', delivery.Columns.Order()));
            var frameKey = (delivery.Place, role, columns, string.Join(',', delivery.Ids), channel.Topic, channel.Socket.Version);
            if (!frames.TryGetValue(frameKey, out var frame))
            {
                var documentKey = (delivery.Place, role, columns);
                if (!documents.TryGetValue(documentKey, out var document))
                {
                    var readable = await catalog.ReadableAsync(role, change.Relation, cancellationToken);
                    documents[documentKey] = document = ChangeDocument.Write(change, readable, delivery.Columns);
                }

                frames[frameKey] = frame = FrameWriter.Text(
                    channel.Socket.Version, null, null, channel.Topic, "postgres_changes", Envelope(delivery.Ids, document));
            }

            channel.Socket.Send(frame);
        }
    }

    private List<Delivery> Match(IReadOnlyList<Change> changes)
    {
        var deliveries = new List<Delivery>();
        foreach (var channel in _channels.Values)
        {
            foreach (var (place, change) in changes.Index())
            {
                var matching = channel.Subscriptions
                    .Where(subscription => subscription.Wants(change.Kind, change.Relation) && subscription.Filter.Matches(change.Relation, change.Row))
                    .ToList();
                if (matching.Count > 0)
                {
                    // One frame tells all of a channel's entries; it shows all columns as soon as one of them asks for all.
                    var columns = matching.Exists(subscription => subscription.Columns is null)
                        ? null
                        : matching.SelectMany(subscription => subscription.Columns!).ToHashSet(StringComparer.Ordinal);
                    deliveries.Add(new Delivery(channel, place, [.. matching.Select(subscription => subscription.Id).Distinct()], columns));
                }
            }
        }

        return deliveries;
    }

    private async Task<HashSet<int>> VisibleAsync(
        ChannelIdentity identity, IReadOnlyList<Change> changes, IEnumerable<int> places, CancellationToken cancellationToken)
    {
        var visible = new HashSet<int>();
        foreach (var table in places.GroupBy(place => changes[place].Relation.Id))
        {
            var relation = changes[table.First()].Relation;
            if ((await catalog.ReadableAsync(identity.Role, relation, cancellationToken)).Count == 0)
            {
                continue;
            }

            var asked = new List<(int Place, Change Change)>();
            foreach (var place in table)
            {
                // Policies decide over rows that are there; a removal tells no more than a key.
                if (changes[place].New is null || !relation.HasRowSecurity || relation.KeyOrdinals.Count == 0)
                {
                    visible.Add(place);
                }
                else
                {
                    asked.Add((place, changes[place]));
                }
            }

            if (asked.Count > 0)
            {
                visible.UnionWith(await visibility.VisibleAsync(identity, relation, asked, cancellationToken));
            }
        }

        return visible;
    }

    private static ReadOnlyMemory<byte> Envelope(int[] ids, ReadOnlyMemory<byte> document)
    {
        var buffer = new ArrayBufferWriter<byte>(document.Length + 64);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteStartArray("ids");
        foreach (var id in ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
        json.WritePropertyName("data");
        json.WriteRawValue(document.Span, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
