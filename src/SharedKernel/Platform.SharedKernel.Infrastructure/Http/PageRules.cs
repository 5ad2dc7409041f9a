using FluentValidation;
using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>What every list accepts. Base class of the validators of list queries: <c>limit</c> is 1 to 100.</summary>
public static class PageRules
{
    /// <summary>Adds the rule for a list's <c>limit</c>.</summary>
    /// <typeparam name="T">The query.</typeparam>
    /// <param name="validator">The query's validator.</param>
    /// <param name="limit">The query's limit.</param>
    public static void RuleForLimit<T>(this AbstractValidator<T> validator, System.Linq.Expressions.Expression<Func<T, int?>> limit)
    {
        ArgumentNullException.ThrowIfNull(validator);
        validator.RuleFor(limit).InclusiveBetween(1, PageRequest.MaxLimit).OverridePropertyName("Limit");
    }
}
