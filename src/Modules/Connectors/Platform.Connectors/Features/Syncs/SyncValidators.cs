using FluentValidation;
using Platform.Connectors.Domain;

namespace Platform.Connectors.Features.Syncs;

// What a worker says of its own run: nothing of a client's reaches these, so a fault here is one of the code.
internal sealed class RenewSyncValidator : AbstractValidator<RenewSyncCommand>
{
    public RenewSyncValidator()
    {
        RuleFor(command => command.Stream).MaximumLength(ConnectorStream.MaxNameLength);
        RuleFor(command => command.Rows).GreaterThanOrEqualTo(0);
    }
}

internal sealed class ReleaseSyncValidator : AbstractValidator<ReleaseSyncCommand>
{
    public ReleaseSyncValidator() => RuleFor(command => command.Delay).GreaterThanOrEqualTo(TimeSpan.Zero);
}

internal sealed class FinishSyncValidator : AbstractValidator<FinishSyncCommand>
{
    public FinishSyncValidator() =>
        RuleFor(command => command.Status).Must(status => status is SyncStatus.Succeeded or SyncStatus.Failed or SyncStatus.Cancelled);
}

internal sealed class GetStreamStartValidator : AbstractValidator<GetStreamStartQuery>
{
    public GetStreamStartValidator() => RuleFor(query => query.Name).NotEmpty().MaximumLength(ConnectorStream.MaxNameLength);
}

internal sealed class CommitPartsValidator : AbstractValidator<CommitPartsCommand>
{
    public CommitPartsValidator() => RuleFor(command => command.Fence).GreaterThan(0);
}

internal sealed class CompleteStreamValidator : AbstractValidator<CompleteStreamCommand>
{
    public CompleteStreamValidator() => RuleFor(command => command.Name).NotEmpty().MaximumLength(ConnectorStream.MaxNameLength);
}

internal sealed class CommitMergeValidator : AbstractValidator<CommitMergeCommand>
{
    public CommitMergeValidator() => RuleFor(command => command.Name).NotEmpty().MaximumLength(ConnectorStream.MaxNameLength);
}
