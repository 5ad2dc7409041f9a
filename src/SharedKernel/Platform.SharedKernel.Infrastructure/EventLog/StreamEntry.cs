using System.Text.Json;

namespace Platform.SharedKernel.Infrastructure.EventLog;

/// <summary>An event of the log before it has a number.</summary>
internal sealed record StreamEntry(string Topic, Guid UserId, string Type, JsonElement Payload, bool Final);

/// <summary>An event of the log.</summary>
internal sealed record StreamEvent(long Seq, string Type, string Payload, bool Final);
