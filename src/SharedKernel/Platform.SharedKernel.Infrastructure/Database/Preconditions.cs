using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>
/// The request's <c>If-Match</c> (RFC 9110, section 13.1.1), set by the kernel's filter and checked when the resource of the route is
/// saved, against the version that the save itself is bound to.
/// </summary>
internal sealed class Preconditions
{
    private HashSet<uint> _versions = [];

    /// <summary>Whether the request carries <c>If-Match</c> and no save has checked it yet.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Whether the request carries <c>If-Match</c>.</summary>
    public bool IsRequested { get; private set; }

    /// <summary>The route's id; null where the route names the caller's only one, as <c>/me</c> does.</summary>
    public Guid? ResourceId { get; private set; }

    /// <summary>Asks for one of these versions of the resource.</summary>
    public void Require(Guid? resourceId, string ifMatch)
    {
        IsPending = true;
        IsRequested = true;
        ResourceId = resourceId;
        _versions = ifMatch.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(tag => RowVersion.TryParse(tag, out var value) ? value : (uint?)null)
            .OfType<uint>()
            .ToHashSet();
    }

    /// <summary>Checks the version that the resource had when it was read; null where it was not read at all.</summary>
    public void Check(uint? version)
    {
        IsPending = false;
        if (version is not { } known || !_versions.Contains(known))
        {
            throw new PreconditionFailedException("version_stale", "The resource has changed since you read it. Read it again.");
        }
    }
}
