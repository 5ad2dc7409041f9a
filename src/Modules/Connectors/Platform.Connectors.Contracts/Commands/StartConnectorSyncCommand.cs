using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Commands;

/// <summary>Starts to read a connector of the caller into datasets. One sync of a connector runs at a time.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="Streams">The streams to read, or null for all.</param>
/// <param name="Trigger">Who asks: <c>manual</c>, <c>schedule</c> or <c>workflow</c>.</param>
/// <param name="RequestId">Of a request that may be repeated: the sync that it started is the answer, unless that one failed or was stopped.</param>
public sealed record StartConnectorSyncCommand(
    Guid ConnectorId, IReadOnlyList<string>? Streams = null, string Trigger = "manual", Guid? RequestId = null)
    : ICommand<ConnectorSync>;
