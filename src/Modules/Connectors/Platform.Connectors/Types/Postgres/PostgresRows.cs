using System.Buffers;
using System.Text.Json;
using Npgsql;

namespace Platform.Connectors.Types.Postgres;

/// <summary>Writes the values of a row that is read in sequence, so that one huge value is cut off and not loaded.</summary>
internal sealed class PostgresRows(NpgsqlDataReader reader, PostgresColumn[] columns) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(8192);

    /// <returns>False if the row has more than <paramref name="maxBytes"/>.</returns>
    public async ValueTask<bool> TryWriteAsync(
        Utf8JsonWriter writer, bool asObject, int maxBytes, CancellationToken cancellationToken)
    {
        BeginRow(writer, asObject);
        for (var ordinal = 0; ordinal < columns.Length; ordinal++)
        {
            if (asObject)
            {
                writer.WritePropertyName(DatasetColumns.KeyOf(ordinal));
            }

            if (await reader.IsDBNullAsync(ordinal, cancellationToken))
            {
                writer.WriteNullValue();
                continue;
            }

            var length = await ReadValueAsync(ordinal, maxBytes, cancellationToken);
            if (length < 0 || writer.BytesPending + writer.BytesCommitted > maxBytes)
            {
                return false;
            }

            PostgresValue.Write(writer, _buffer.AsSpan(0, length), columns[ordinal]);
        }

        EndRow(writer, asObject);
        return true;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private async ValueTask<int> ReadValueAsync(int ordinal, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await reader.GetStreamAsync(ordinal, cancellationToken);
        if (stream.Length > maxBytes)
        {
            return -1;
        }

        var length = (int)stream.Length;
        if (_buffer.Length < length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(length);
        }

        await stream.ReadExactlyAsync(_buffer.AsMemory(0, length), cancellationToken);
        return length;
    }

    private static void BeginRow(Utf8JsonWriter writer, bool asObject)
    {
        if (asObject)
        {
            writer.WriteStartObject();
        }
        else
        {
            writer.WriteStartArray();
        }
    }

    private static void EndRow(Utf8JsonWriter writer, bool asObject)
    {
        if (asObject)
        {
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteEndArray();
        }
    }
}
