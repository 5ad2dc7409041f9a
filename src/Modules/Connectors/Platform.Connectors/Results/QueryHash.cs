using System.Security.Cryptography;
using System.Text.Json;
using Platform.Connectors.Types;

namespace Platform.Connectors.Results;

/// <summary>The name of a question, for caches and lineage: the same for the same connector, text, parameters and limit.</summary>
internal static class QueryHash
{
    public static string Of(ConnectorSettings settings, ConnectorQuery query)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(settings.ConnectorId?.ToString("N"));
            if (settings.ConnectorId is null)
            {
                settings.Config.WriteTo(writer);
            }

            writer.WriteStringValue(query.Text.Trim());
            WriteSorted(writer, query.Parameters);
            writer.WriteNumberValue(query.Limits.MaxRows);
            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.ToArray()).AsSpan(0, 16));
    }

    // The order in which a client happens to write its parameters does not matter.
    private static void WriteSorted(Utf8JsonWriter writer, JsonElement parameters)
    {
        if (parameters.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (var member in parameters.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(member.Name);
                member.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }
        else if (parameters.ValueKind == JsonValueKind.Undefined)
        {
            writer.WriteNullValue();
        }
        else
        {
            parameters.WriteTo(writer);
        }
    }
}
