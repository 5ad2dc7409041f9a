using System.Text.Encodings.Web;
using System.Text.Json;

namespace Platform.LocalSupabase.Realtime.Wire;

/// <summary>How frames are written: nothing is escaped that JSON itself does not ask for, since no frame stands in a page.</summary>
internal static class RealtimeJson
{
    /// <summary>The parts that are put in raw were checked when they came.</summary>
    public static readonly JsonWriterOptions Writer = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonSerializerOptions Serializer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
