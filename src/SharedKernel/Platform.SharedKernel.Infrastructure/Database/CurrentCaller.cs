using Platform.SharedKernel.Callers;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>The caller of a scope: anonymous until somebody says otherwise, on purpose.</summary>
internal sealed class CurrentCaller : ICurrentCaller
{
    public Caller Caller { get; set; } = Caller.Anonymous;
}
